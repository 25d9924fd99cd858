"""Checks of Kearns, Munyuza, Brosh (2023)."""
