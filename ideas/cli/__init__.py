"""Commands that a person types: the delivery shell for the terminal."""
