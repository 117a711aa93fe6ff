"""The HTTP API, assembled: one operation for every public action, and the rooms' reads."""
