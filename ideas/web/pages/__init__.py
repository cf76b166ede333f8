"""What each page needs, read in a fixed number of queries."""
