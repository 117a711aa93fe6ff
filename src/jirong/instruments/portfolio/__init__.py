"""Columns of loans: schedules, the book on a day, values and expected losses, a million rows at a time.

The scalar form (:mod:`jirong.instruments.practice`) is the truth; everything here equals it to the fen, and property
tests hold that. Amounts are int64 fen; floats appear only on the way to a number that is then proved or found again.
"""
