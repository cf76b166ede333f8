"""Telling other programs what happens: which addresses are told of what, and what became of each message."""
