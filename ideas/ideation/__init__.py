"""Floor 3: ideas, problems and fixes: their text, revisions, tags, statuses and totals."""
