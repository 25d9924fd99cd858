"""Enclosures of features and of singular values: balls and radii."""
