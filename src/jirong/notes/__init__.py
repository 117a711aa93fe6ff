"""Chain notes 链单: a core enterprise's confirmed promise, passed on in lots to the last tier."""
