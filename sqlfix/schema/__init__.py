"""From the catalogue to a Schema, and what a typed name means in it."""
