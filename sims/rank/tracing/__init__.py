"""A module's features as a program of known operations."""
