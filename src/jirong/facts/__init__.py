"""Evidence: who said what, about whom, when; kept as it came, matched against what others said."""
