"""Tests on the records of real communities, and what turns those into interchange files."""
