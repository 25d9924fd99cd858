"""Faults that are planted in simulations, one at a time, and the checks that must see them."""
