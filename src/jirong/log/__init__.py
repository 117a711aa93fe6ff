"""One action a write, one entry an action: the house's memory, and the Merkle log that proves it."""
