"""The gate for a reader's own torch.nn.Module: what it is, called point by point."""
