"""Two-layer networks, trained beside what approximates them."""
