"""The contract kinds, one module each: its terms, its state, its events and what each event does."""
