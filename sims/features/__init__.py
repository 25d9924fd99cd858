"""Linear models on random features and tangent features, and their kernels."""
