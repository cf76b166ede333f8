"""Drafts: what is kept, who sees it, what becomes of it."""
