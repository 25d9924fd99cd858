from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import mpmath as mp
import numpy as np
import pytest

import lazy_assay
from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors.local import Local
from lazy_assay.checks.testing import validated
from lazy_assay.theory import _catalogue

EXAMPLES = Path(__file__).parents[2] / "examples"
IDS = {"shrinkage": "james_stein1961.shrinkage", "feature_learning": "yang_hu2021.linear_network"}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The collections, in this test alone."""
    monkeypatch.setattr(_catalogue, "_CURRENT", [_catalogue.Catalogue(_catalogue.catalogue().collections[:1])])
    for name in IDS:
        lazy_assay.collection(EXAMPLES / name)


@pytest.mark.parametrize("id", IDS.values())
def test_the_batteries_find_nothing(id: str) -> None:
    assert [finding.fault for finding in validated(id) if finding.fault] == []


@pytest.mark.parametrize("id", IDS.values())
def test_theory_and_the_first_simulation_agree_and_every_decoy_is_refuted(id: str) -> None:
    first = {task.part.name: task for task in reversed(tasks(id)) if task.routes}
    with Local() as executor:
        found = [r for task in first.values() for r in executor.submit(Order(task=task.id)).result()]
    assert {r.verdict for r in found if r.subject == "claim"} == {"AGREES"}
    decoys = {(r.part, r.decoy) for r in found if r.subject == "decoy" and r.verdict == "DISAGREES"}
    assert decoys == {(part.name, decoy.name) for part in lazy_assay.claim(id).parts for decoy in part.decoys}


@pytest.mark.parametrize("name", IDS)
def test_its_files_import_the_public_faces_alone(name: str) -> None:
    allowed = {"lazy_assay", "lazy_assay.theory", "lazy_assay.sims", "lazy_assay.checks"}
    texts = [path.read_text(encoding="utf-8") for path in (EXAMPLES / name).rglob("*.py")]
    used = {name for text in texts for name in re.findall(r"(?:from|import) (lazy_assay[\w.]*)", text)}
    assert used
    assert used <= allowed


@pytest.mark.parametrize("d, signal", [(3, 0.0), (3, 2.0), (4, 0.5), (11, 1.0), (40, 3.0)])
def test_the_risk_is_the_integral_of_the_law_of_the_norm(d: int, signal: float) -> None:
    """E‖X‖⁻² by the integral over s of E exp(−s‖X‖²), which is a product of Gaussian integrals."""
    with mp.workdps(30):
        inverse = mp.quad(
            lambda s: (1 + 2 * s) ** (-mp.mpf(d) / 2) * mp.exp(-s * signal * d / (1 + 2 * s)), [0, 1, 10, 100, mp.inf]
        )
        risk = 1 - mp.mpf(d - 2) ** 2 / d * inverse
    assert lazy_assay.claim(IDS["shrinkage"]).predict(part="risk", d=d, signal=signal) == pytest.approx(
        float(risk), rel=1e-9, abs=1e-12
    )


def test_the_exact_mean_at_a_width_is_that_of_drawn_chi_squares() -> None:
    at: dict[str, Any] = {"eta": 0.2, "y": 2.0, "steps": 3}
    rng = np.random.default_rng(7)
    up, down = (rng.chisquare(16, 200_000) / 16 for _ in range(2))
    for _ in range(at["steps"]):
        moved = at["eta"] * (at["y"] - (up - down) / 2)
        up, down = up * (1 + moved) ** 2, down * (1 - moved) ** 2
    claim = lazy_assay.claim(IDS["feature_learning"])
    for part, drawn in (("output", (up - down) / 2), ("kernel", (up + down) / 2)):
        exact = claim.predict_finite(part=part, n=16, **at)
        assert abs(drawn.mean() - exact) < 4.5 * drawn.std() / drawn.size**0.5
