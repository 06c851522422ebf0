"""A plan carried out, recorded, and taken back."""
