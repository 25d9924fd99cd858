"""What 2R(2d) − R(d) leaves of the limit, times d², on streams that no check uses: the allowances of the two checks.

Run it as `python examples/double_descent/calibration.py`; it takes about three minutes.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import lazy_assay

ENTROPY, DRAWS = 977, {12: 20_000, 24: 6_000}
REST = {"F1": 1.0, "Fstar": 0.3, "tau": 0.4}
# psi1, psi2, ridge, slope
SETTINGS = (
    (2.0, 1.0, 0.1, 0.0),
    (1.0, 2.0, 0.1, 0.0),
    (0.5, 3.0, 0.01, 0.0),
    (1.0, 1.0, 0.1, 0.0),
    (2.0, 1.5, 0.02, -0.25),
    (3.0, 1.0, 0.05, 0.5),
    (1.5, 2.0, 0.02, 0.0),
)
# psi1, psi2, slope, at the largest targets and noise
RIDGELESS = (
    (0.5, 1.5, -0.25),
    (0.5, 1.25, 0.25),
    (0.5, 1.5, 0.25),
    (4.0, 1.5, 0.25),
    (4.0, 1.5, -0.25),
    (5.0, 1.25, 0.25),
)
RIDGELESS_DRAWS = {16: 5_000, 24: 2_000}


def main() -> None:
    """One line a setting and dimension: what is left, and its standard error, both times d²."""
    collection = lazy_assay.collection(Path(__file__).parent)
    simulation = importlib.import_module(f"{collection.package}.sims.ridge_regression")
    for psi1, psi2, ridge, slope in SETTINGS:
        at: dict[str, Any] = {"psi1": psi1, "psi2": psi2, "ridge": ridge, "slope": slope, **REST}
        _told(simulation, lazy_assay.claim("mei_montanari2022.ridge_risk").predict(**at), at, DRAWS)
    for psi1, psi2, slope in RIDGELESS:
        at = {"psi1": psi1, "psi2": psi2, "slope": slope, "F1": 1.0, "Fstar": 0.6, "tau": 1.0}
        limit = lazy_assay.claim("mei_montanari2022.ridgeless_risk").predict(**at)
        _told(simulation, limit, {**at, "ridge": 0.0}, RIDGELESS_DRAWS)


def _told(simulation: Any, limit: float, at: dict[str, Any], draws: dict[int, int]) -> None:
    for d, trials in draws.items():
        risks = simulation.risk_along_path(sizes=(d, 2 * d), **at, trials=trials, entropy=ENTROPY)
        left = 2 * risks[:, 1] - risks[:, 0] - limit
        error = float(left.std()) / trials**0.5
        print(f"{at}, d = {d}: {float(left.mean()) * d**2:.2f} ± {error * d**2:.2f}")


if __name__ == "__main__":
    main()
