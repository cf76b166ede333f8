"""Floor 5: reports and the decisions upon them."""
