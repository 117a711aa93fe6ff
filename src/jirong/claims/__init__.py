"""Claims as rows: who owes whom, conserved by constraint, changed only as the engine says."""
