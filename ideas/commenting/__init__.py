"""Floor 4: the discussion of an idea."""
