"""Scaled models beside their linearisation."""
