from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lazy_assay.sims.lazy import training

SIZES: dict[str, Any] = {
    "d": 3,
    "n": 4,
    "N": 8,
    "activation": "tanh",
    "step_size": 0.1,
    "steps": 20,
    "trials": 6,
    "entropy": 3,
}
ALPHAS = np.array([64.0, 128.0, 256.0, 512.0, 1024.0, 2048.0, 4096.0])
RNG = np.random.default_rng(0)
NETWORK: dict[str, Any] = {
    "points": RNG.standard_normal((4, 3)) / 2,
    "labels": RNG.standard_normal(4),
    "W": RNG.standard_normal((3, 8)),
    "u": RNG.standard_normal(8),
    "activation": "tanh",
    "trials": 1,
    "entropy": 0,
}


@pytest.mark.parametrize(
    "initialisation, measure, order",
    [
        ("centred", "distance", -1),
        ("centred", "parameters", -2),
        ("centred", "output", -1),
        ("paired", "distance", -1),
        ("paired", "parameters", -2),
        ("paired", "output", -2),
        ("independent", "distance", 0),
    ],
)
def test_gaps_fall_with_alpha_at_their_orders(initialisation: str, measure: str, order: int) -> None:
    gaps = training.descent_gap(**SIZES, initialisation=initialisation, measure=measure, alphas=ALPHAS).numpy()
    slopes = np.polyfit(np.log(ALPHAS), np.log(gaps).T, 1)[0]
    assert slopes == pytest.approx(order, abs=0.03)


def test_descent_in_small_steps_is_the_flow() -> None:
    told: dict[str, Any] = {**NETWORK, "initialisation": "centred", "alpha": 20.0, "power": 1}
    flow = float(training.flow_gap_at(**told, measure="output", T=2.0, steps=16))
    errors = [abs(float(training.descent_output_gap_at(**told, step_size=2.0 / n, steps=n)) - flow) for n in (200, 400)]
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.1)


def test_a_step_size_above_two_over_the_largest_eigenvalue_is_a_diverged_row() -> None:
    told: dict[str, Any] = {**SIZES, "initialisation": "centred", "measure": "output", "alphas": ALPHAS, "steps": 2}
    assert np.isinf(training.descent_gap(**told | {"step_size": 50.0}).numpy()).all()
    assert np.isfinite(training.descent_gap(**told).numpy()).all()


@pytest.mark.parametrize("name", ["points", "labels", "W", "u"])
def test_data_that_are_not_numbers_are_refused_in_one_line(name: str) -> None:
    spoilt = np.array(NETWORK[name], copy=True)
    spoilt.flat[0] = np.nan
    with pytest.raises(ValueError, match=f"^{name} must be finite in every entry; 1 are not$"):
        training.descent_output_at(
            **NETWORK | {name: spoilt}, initialisation="paired", alpha=1.0, step_size=0.1, steps=2
        )


@pytest.mark.parametrize("changes", [{"measure": "loss"}, {"initialisation": "zero"}, {"activation": "cosine"}])
def test_unknown_words_name_those_there_are(changes: dict[str, str]) -> None:
    told: dict[str, Any] = {**SIZES, "initialisation": "centred", "measure": "output", "alphas": ALPHAS} | changes
    with pytest.raises(ValueError, match="there are"):
        training.descent_gap(**told)
