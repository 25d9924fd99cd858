"""The gate for a reader's own torch.nn.Module: what every instrument asks, and the module called point by point."""
