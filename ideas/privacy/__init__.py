"""What the place knows about a person: named column by column, given out, erased, and dropped in time."""
