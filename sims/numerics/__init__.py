"""Numerical building blocks: activations and their Gaussian moments, quadratic forms, least squares."""
