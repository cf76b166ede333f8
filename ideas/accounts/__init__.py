"""Floor 1: who people are."""
