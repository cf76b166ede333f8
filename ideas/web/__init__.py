"""Floor 9: the pages people see."""
