"""Configurations: named, made into arrays, drawn and searched."""
