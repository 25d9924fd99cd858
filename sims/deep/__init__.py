"""Deep networks, residual networks, and training their last layer."""
