from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from lazy_assay import scaling
from lazy_assay.checks.scaling.exponents import DERIVED, LAWS, NONE, SLOW, exponent, misfit
from lazy_assay.sims.scaling import Sizes

WIDTHS = (16, 32, 64, 128, 256, 512)
PLACES = np.asarray(WIDTHS, dtype=np.float64)
SEEDS, TIMES = 8, 400


def scattered(rng: np.random.Generator, seeds: int = SEEDS) -> NDArray[np.float64]:
    """Skewed, as the logarithm of a size is, and wider where networks are narrow."""
    spread = 0.2 * np.sqrt(16 / PLACES) + 0.1
    return np.log(rng.chisquare(4, (seeds, len(WIDTHS))) / 4) * spread


def law(power: float, correction: float, of: float = DERIVED) -> NDArray[np.float64]:
    found: NDArray[np.float64] = power * np.log(PLACES) + correction * (16 / PLACES) ** of
    return found


def verdict(means: NDArray[np.float64], entropy: int, monkeypatch: pytest.MonkeyPatch, **options: Any) -> str:
    def sizes(*_: Any) -> Sizes:
        return Sizes(WIDTHS, {("change", "h", 1): np.exp(means + scattered(np.random.default_rng(entropy)))})

    monkeypatch.setattr("lazy_assay.checks.scaling.judge.measured_sizes", sizes)
    unused: Any = None
    asked: dict[str, Any] = {"table": {"change *": 0.0}, "optimiser": unused} | options
    return scaling(unused, unused, widths=WIDTHS, **asked).verdict


@pytest.mark.parametrize("of", LAWS)
def test_an_exponent_is_that_of_infinite_width_where_its_law_holds(of: float) -> None:
    logs = np.tile(law(-0.5, 0.0 if of == NONE else 0.7, of), (4, 1))
    assert exponent(PLACES, logs, of).value == pytest.approx(-0.5)
    assert (abs(exponent(PLACES, logs, NONE).value + 0.5) > 0.05) == (of != NONE)


def test_an_interval_holds_its_exponent_as_often_as_it_says() -> None:
    rng, level = np.random.default_rng(0), 0.1
    found = [exponent(PLACES, law(0.0, 0.5) + scattered(rng), DERIVED) for _ in range(TIMES)]
    missed = sum(abs(it.value) > it.radius(level / 2) for it in found)
    assert missed <= binom.ppf(1 - 1e-6, TIMES, level)
    assert missed > 0


def test_a_law_that_holds_is_no_misfit_and_one_that_does_not_is() -> None:
    rng = np.random.default_rng(1)
    right = sum(misfit(PLACES, law(0.0, 0.5) + scattered(rng), DERIVED) < 0.05 for _ in range(TIMES))
    assert right <= binom.ppf(1 - 1e-6, TIMES, 0.05)
    assert misfit(PLACES, law(0.0, 4.0, 4.0) + scattered(rng, 64), DERIVED) < 1e-6


def test_what_finite_width_does_accuses_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for correction, of in ((1.5, DERIVED), (-1.5, DERIVED), (1.5, SLOW)):
        plain = exponent(PLACES, law(0.0, correction, of) + scattered(np.random.default_rng(0)), NONE)
        assert abs(plain.value) > plain.radius(1e-3)
        found = Counter(verdict(law(0.0, correction, of), entropy, monkeypatch) for entropy in range(40))
        assert not found["wrong"]


def test_what_bends_by_no_law_of_finite_width_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    assert verdict(law(0.0, 9.0, 4.0), 0, monkeypatch) == "undecided"


def test_an_exponent_that_is_off_by_the_resolution_is_called_right_no_oftener_than_miss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options: dict[str, Any] = {"resolution": 0.4, "miss": 0.1}
    found = Counter(verdict(law(-0.4, 0.5), entropy, monkeypatch, **options) for entropy in range(TIMES))
    assert found["right"] <= binom.ppf(1 - 1e-6, TIMES, 0.1)
    right = Counter(verdict(law(0.0, 0.1), entropy, monkeypatch, **options) for entropy in range(20))
    assert right["right"] > 15
