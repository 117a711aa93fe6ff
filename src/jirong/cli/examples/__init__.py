"""Examples: the sources' cases as files that anyone can read, run through the same HTTP API as every user.

A file in ``examples/`` names its people, its steps (one HTTP call each) and what must come out (figures, compared as
text to the fen). Each runs on a database of its own, freshly copied from a migrated one, against a real server.
``document`` reads and checks a file, ``client`` speaks HTTP, ``play`` runs one, ``stage`` gives it a world and a
server of its own, ``table`` shows how they went.
"""
