"""Floor 4: problems and their fixes, chosen and confirmed."""
