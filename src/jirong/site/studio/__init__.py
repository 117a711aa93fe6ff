"""The scheme studio: a planner reads, writes, compares and tries schemes on one page.

A scheme has three faces here (sentences, form, text) over one text; the text alone is the truth, and everything else
is read off it anew whenever it changes. Nothing is stored: a text comes with each request and goes again, so a
mistake in it can cost nobody anything. Published versions are read from the room of financing; publishing is its
action.
"""
