"""Content of the demo community, kept as TOML files beside the code that loads it."""
