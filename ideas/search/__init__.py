"""Floor 7: finding ideas by their words."""
