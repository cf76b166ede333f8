"""Floor 4: official answers and the promise to give them in time."""
