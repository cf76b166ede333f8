"""Proposals that are not published yet, written alone or together."""
