"""The double-entry ledger: journals of transfers between accounts, in claims, cash and capacity."""
