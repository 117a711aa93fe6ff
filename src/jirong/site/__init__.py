"""The roof: settings, the URL table, the shell's templates and static files."""
