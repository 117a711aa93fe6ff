"""The scheme as values: frozen clauses, one file a family. The annotations are the grammar (see ``grammar``)."""
