"""Pages of the assessment room: model cards, and the methods with what would change an answer."""
