"""Sentences about reports, plans and answers."""
