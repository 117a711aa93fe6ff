"""Proofs that need no one's word: canonical bytes, keys, the Merkle log, receipts and their offline check.

Everything here is a pure function of its arguments. What the platform stores (``jirong.log``), what a witness
remembers and what a stranger checks with ``jirong verify`` all stand on these same few functions.
"""
