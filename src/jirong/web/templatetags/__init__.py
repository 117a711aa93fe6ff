"""Template tags of the page vocabulary."""
