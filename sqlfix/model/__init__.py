"""The nouns: frozen values without I/O that the steps hand to one another."""
