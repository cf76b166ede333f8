"""Floor 7: telling people what happened."""
