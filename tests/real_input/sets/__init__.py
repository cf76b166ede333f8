"""One module for each set of real data: its rows in, interchange records out."""
