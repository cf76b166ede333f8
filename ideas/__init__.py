"""Ideas: a self-hosted place where a company and its customers improve its products together."""

__version__ = "0.1.0"
