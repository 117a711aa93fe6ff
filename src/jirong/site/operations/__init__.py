"""The operator's pages that look across rooms: closing everybody's day, and the processes beside the site.

They stand on the roof because no room below sees both notes and loans, or both the log and the rails.
"""
