"""Django's PostgreSQL backend, taught to say who is acting at the start of every transaction."""
