"""Random features, tangent features and networks on quadratic targets."""
