"""The gate for a reader's own torch.nn.Module: what every instrument asks of it, and it called point by point."""
