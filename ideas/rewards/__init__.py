"""Floor 5: contributions, points and the ledger."""
