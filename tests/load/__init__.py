"""Measuring speed: a seeded community, a server, floors on the same server, and a load over real HTTP."""
