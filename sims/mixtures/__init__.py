"""Random features, tangent features and networks on two Gaussian classes."""
