"""Floor 4: supports and needs; one person, one voice."""
