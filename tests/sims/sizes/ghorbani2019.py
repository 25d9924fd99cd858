"""Sizes small enough to run each simulation of the first paper in milliseconds."""

from __future__ import annotations

from typing import Any

import numpy as np

D, B, GAMMA = 4, np.array([0.5, 1.0, 1.5, 2.0]), np.full(4, 0.25)
DESCENT = {"d": D, "N": 2, "B": B, "steps": 3, "step_size": 1e-2, "initial_scale": 0.5}
SGD = {"batch": 5, "steps": 3, "step_size": 1e-2}
CHECKPOINTS = {"batch": 5, "checkpoints": np.array([1, 2, 4]), "step_size": 1e-2}
CLASSES = {"Sigma": np.array([0.8, 1.0, 1.1, 1.2]), "Delta": np.array([0.5, 0.3, -0.2, 0.4])}
MIXTURE = {"d": D, "N": 2, **CLASSES}
RANDOM = {"N": 3, "Gamma": GAMMA, "activation": "relu"}
TRAINING = {"activation": "tanh", "bias_scale": 0.5, "samples": 20}
SEGMENT = {"model": "general", **MIXTURE, "initial_scale": 1.0, "offset_rate": 1.0, "first_layer": 7}
EPSILONS = {"d": D, "N": 2, "activation": "softplus", "epsilons": np.array([0.1, 0.2]), "samples": 5}

SIZES: dict[str, dict[str, Any]] = {
    "quadratic.random_features.population_risk": {"d": D, "N": 3, "B": B, "Gamma": GAMMA, "activation": "softplus"},
    "quadratic.random_features.population_risk_and_doubled": {"d": D, "B": B, **RANDOM},
    "quadratic.random_features.least_squares_risk": {
        "d": D,
        "N": 3,
        "B": np.diag(B),
        "Gamma": np.diag(GAMMA),
        "activation": "relu",
        "samples": 9,
    },
    "quadratic.random_features.sgd_risk": {"d": D, "B": B, **RANDOM, **SGD},
    "quadratic.random_features.sgd_trajectory": {"d": D, "B": B, **RANDOM, **CHECKPOINTS},
    "quadratic.random_features.captured_fraction": {"d": D, "N": 3, "component": "cubic", "activation": "erf"},
    "quadratic.neural_tangent.projection_risk": {"d": D, "N": 2, "B": B},
    "quadratic.neural_tangent.gap_to_best_network": {"d": D, "N": 2, "B": B},
    "quadratic.neural_tangent.tangent_space_risk": {"d": D, "N": 2, "B": B},
    "quadratic.neural_tangent.tangent_space_risk_at": {"W": np.linspace(-1, 1, 2 * D).reshape(D, 2) ** 3, "B": B},
    "quadratic.neural_tangent.flat_gap_at": {"W": np.linspace(-1, 1, 2 * D).reshape(D, 2) ** 3},
    "quadratic.neural_tangent.least_squares_risk": {"d": D, "N": 2, "B": B, "samples": 20},
    "quadratic.neural_tangent.sgd_risk": {"d": D, "N": 2, "B": B, **SGD},
    "quadratic.neural_tangent.sgd_trajectory": {"d": D, "N": 2, "B": B, **CHECKPOINTS},
    "quadratic.cubic_features.captured_cubics": {"d": D, "N": 2, "model": "tangent"},
    "quadratic.neural_tangent.captured_cubic_fraction": {"d": D, "N": 2},
    "quadratic.network.gradient_descent_risk": DESCENT,
    "quadratic.network.stationary_points": DESCENT,
    "quadratic.network.one_pass_sgd_risk": DESCENT,
    "quadratic.network.one_pass_sgd_extrapolated_risk": DESCENT,
    "quadratic.network.minibatch_sgd_risk": {**DESCENT, "batch": 5},
    "quadratic.network.minibatch_sgd_trajectory": {"d": D, "N": 2, "B": B, "initial_scale": 0.5, **CHECKPOINTS},
    "mixtures.random_features.population_risk": {**MIXTURE, **RANDOM, "activation": "softplus"},
    "mixtures.random_features.population_risk_and_doubled": {**MIXTURE, **RANDOM, "Sigma": np.eye(D)},
    "mixtures.random_features.least_squares_risk": {**MIXTURE, **RANDOM, "Delta": np.diag(B / 4), "samples": 9},
    "mixtures.random_features.sgd_risk": {**MIXTURE, **RANDOM, **SGD},
    "mixtures.random_features.sgd_trajectory": {**MIXTURE, **RANDOM, **CHECKPOINTS},
    "mixtures.neural_tangent.population_risk": {**MIXTURE, "Sigma": np.eye(4) + 0.1},
    "mixtures.neural_tangent.population_risk_at": {"W": np.linspace(-1, 1, 2 * D).reshape(D, 2) ** 3, **CLASSES},
    "mixtures.neural_tangent.tangent_space_risk_at": {"W": np.linspace(-1, 1, 2 * D).reshape(D, 2) ** 3, **CLASSES},
    "mixtures.neural_tangent.tangent_space_risk": MIXTURE,
    "mixtures.neural_tangent.least_squares_risk": {**MIXTURE, "samples": 20},
    "mixtures.neural_tangent.sgd_risk": {**MIXTURE, **SGD},
    "mixtures.neural_tangent.sgd_trajectory": {**MIXTURE, **CHECKPOINTS},
    "mixtures.network.gradient_descent_risk": {**MIXTURE, "steps": 3, "step_size": 1e-2, "initial_scale": 0.2},
    "mixtures.network.sgd_risk": {**MIXTURE, **SGD, "initial_scale": 0.2},
    "mixtures.network.sgd_trajectory": {**MIXTURE, **CHECKPOINTS, "initial_scale": 0.2},
    "mixtures.bayes.posterior_variance": CLASSES,
    "mixtures.bayes.squared_loss": CLASSES,
    "mixtures.bayes.wide_tangent_excess": {**CLASSES, "d": D, "N": D},
    "quadratic.other_activations.trained_gap": {"d": D, "N": 3, "B": B, **SGD, **TRAINING},
    "quadratic.other_activations.mixture_trained_gap": {**MIXTURE, **SGD, **TRAINING, "bias_scale": 0.0},
    "quadratic.training_segments.advance": {**SEGMENT, "batch": 5, "steps": 3, "step_sizes": np.array([1e-2, 2e-2])},
    "quadratic.training_segments.risk_at": {**SEGMENT, "state": np.linspace(0, 1, 2 * 11).reshape(1, 2, 11)},
    "quadratic.training_segments.gradient_noise": {
        **SEGMENT,
        "state": np.linspace(0, 1, 22).reshape(1, 2, 11),
        "samples": 5,
    },
    "quadratic.training_segments.first_layers": {"d": D, "N": 2},
    "quadratic.training_segments.smallest_tangent_risk": {"d": D, "N": 2, "B": B},
    "quadratic.closure.tangent_closure_error": EPSILONS,
    "quadratic.closure.linearisation_error": EPSILONS,
}
