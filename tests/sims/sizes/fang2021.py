"""Sizes small enough to run each simulation of Fang, Dong, Zhang in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

X = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, -1.0]])
THETA, U = np.linspace(-1, 1.5, 10).reshape(5, 2), np.array([1.0, -0.5, 0.3, 1.2, -2.0])
NETWORK = {"theta": THETA, "u": U, "alpha": 2.0, "activation": "tanh"}
KERNEL = {"correlation": 0.3, "activation": "tanh", "m": 3}
Y = np.array([1.0, -1.0, 0.5])
NETWORK_SOLVED = {"theta": THETA, "alpha": 2.0, "activation": "tanh", "points": X, "centres": X, "lambda_": 0.1}
TRAINED = {**NETWORK, "points": X, "labels": Y}
RATES = {"eta_u": 0.1, "eta_theta": 0.2, "steps": 2}

SIZES: dict[str, dict[str, Any]] = {
    "two_layer.sampled_neurons.independent_distance": {
        "m": 4,
        "d": 2,
        "alpha": 1.0,
        "copies": 1,
        "centre": 0.4,
        "repeats": 2,
        "activation": "relu",
    },
    "two_layer.sampled_neurons.resampled_distance": {**NETWORK, "centres": X, "N": 9, "repeats": 2},
    "two_layer.sampled_neurons.trained_distances": {
        "m": 3,
        "n": 2,
        "d": 2,
        "alpha": 1.0,
        "blocks": 2,
        "step_size": 0.5,
        "steps": 2,
        "activation": "tanh",
    },
    "features.kernels.feature_kernel": {**KERNEL, "repeats": 2},
    "features.kernels.hidden_tangent_kernel": {**KERNEL, "repeats": 2},
    "features.kernels.network_tangent_kernel": KERNEL,
    "features.kernels.kernel_distance": {
        "points": X,
        "limit": np.eye(3),
        "activation": "relu",
        "widths": np.array([2, 3]),
        "repeats": 2,
    },
    "features.solutions.ridge_output_at": {**NETWORK_SOLVED, "labels": Y},
    "features.solutions.descended_ridge_output_at": {**NETWORK_SOLVED, "labels": Y, "step_size": 0.1, "steps": 3},
    "features.solutions.logistic_output_at": {**NETWORK_SOLVED, "labels": Y},
    "features.solutions.ridge_norm_at": {
        "theta": THETA,
        "alpha": 2.0,
        "activation": "tanh",
        "points": X,
        "targets": np.array([[1.0, 0.5], [-1.0, 2.0], [0.3, 0.1]]),
        "lambda_": 0.1,
    },
    "features.solutions.sampled_representation": {
        "coefficients": Y,
        "points": X,
        "centres": X,
        "activation": "tanh",
        "repeats": 2,
    },
    "features.solutions.ridge_distance": {
        "points": X,
        "labels": Y,
        "centres": X,
        "limit": Y,
        "activation": "relu",
        "lambda_": 0.1,
        "widths": np.array([2, 3]),
        "repeats": 2,
    },
    "two_layer.tangent_training.trained_output_at": {**TRAINED, **RATES, "centres": X},
    "two_layer.tangent_training.penalised_output_at": {**TRAINED, "centres": X, "penalty": 0.1},
    "two_layer.tangent_training.coefficient_ratio_at": {**TRAINED, **RATES},
    "two_layer.tangent_training.rescaled_ratio_at": {**TRAINED, "step_size": 0.1, "steps": 2},
    "two_layer.linearisation.tangent_errors": {
        "n": 3,
        "d": 2,
        "activation": "tanh",
        "widths": np.array([4, 6]),
        "exponent": 0.5,
        "output_rate": 0.0,
        "step_size": 0.1,
        "steps": 2,
        "target": 2.0,
        "repeats": 2,
    },
    "two_layer.linearisation.initial_outputs": {"m": 3, "exponent": 0.5, "activation": "relu", "repeats": 2},
    "two_layer.fixed_output_layer.residual_ratio": {"points": X, "labels": Y, "m": 4, "eta": 0.1, "k": 3},
    "two_layer.fixed_output_layer.worst_excess": {
        "points": X,
        "labels": Y,
        "m": 4,
        "eta": 0.1,
        "k": 3,
        "contraction": 0.9,
    },
    "features.sample_gap.explained_share": {"n": 3, "d": 5, "kernel": "tangent"},
    "features.sample_gap.regression_error": {"n": 3, "d": 6, "kernel": "exponential", "lambda_": 0.1},
    "features.sample_gap.sparse_errors": {"n": 5, "d": 4, "steps": 3},
}
