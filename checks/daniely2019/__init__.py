"""Confronts the claims of Daniely: the check of a statement has the stem of its file in `theory`."""
