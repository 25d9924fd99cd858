"""What networks are trained on, drawn."""
