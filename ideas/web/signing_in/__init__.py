"""Who comes in, and how: pages and what they stand on."""
