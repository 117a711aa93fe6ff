"""Contract terms in, events and cash flows out; pure, and exact to the last fen.

``actus`` is the scalar engine of the ACTUS contract types in :class:`decimal.Decimal`; ``practice`` is Chinese loan
practice on whole fen; ``portfolio`` gives the same answers for columns of contracts. ``replay`` sets the engine
beside published cases. Nothing here reads a clock, a file (but ``replay`` at its edge), a database or the network.
"""
