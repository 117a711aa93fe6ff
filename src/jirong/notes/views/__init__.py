"""Pages about notes, a module a noun: homes, issuing, notes, lots, offers, loans, trades and the operator's day."""
