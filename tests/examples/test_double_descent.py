from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mpmath as mp
import pytest

import lazy_assay
from lazy_assay.checks.engine.order import Order
from lazy_assay.checks.engine.registry import tasks
from lazy_assay.checks.executors.local import Local
from lazy_assay.checks.testing import validated
from lazy_assay.theory import _catalogue

FOLDER = Path(__file__).parents[2] / "examples" / "double_descent"
ID = "mei_montanari2022.ridge_risk"
RIDGELESS = "mei_montanari2022.ridgeless_risk"
POINT: dict[str, Any] = {"psi1": 2.0, "psi2": 1.5, "ridge": 0.1, "slope": 0.0, "F1": 1.0, "Fstar": 0.3, "tau": 0.5}


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The collection, in this test alone."""
    monkeypatch.setattr(_catalogue, "_CURRENT", [_catalogue.Catalogue(_catalogue.catalogue().collections[:1])])
    lazy_assay.collection(FOLDER)


@pytest.fixture
def simulation() -> Any:
    import importlib

    return importlib.import_module("lazy_assay.collections.double_descent.sims.ridge_regression")


def stated(psi1: float, psi2: float, ridge: float, slope: float, F1: float, Fstar: float, tau: float) -> mp.mpf:
    """The paper's ν₁, ν₂ and its polynomials E₀, E₁, E₂, with fifty digits and from the equations themselves."""
    with mp.workdps(50):
        p1, p2, m1 = mp.mpf(psi1), mp.mpf(psi2), (1 + mp.mpf(slope)) / 2
        star = (1 - mp.mpf(slope)) / 2 * mp.sqrt(1 - 2 / mp.pi)
        s, u = (m1 / star) ** 2, mp.sqrt(p1 * p2 * ridge) / star
        one, two = p1 / u, p2 / u
        for _ in range(20_000):
            last = one
            one = p1 / (u + two + s * two / (1 + s * one * two))
            two = p2 / (u + one + s * one / (1 + s * one * two))
            if abs(one - last) < mp.mpf(10) ** -45 * one:
                break
        x = -one * two
        E0 = (
            -(x**5) * s**3 + 3 * x**4 * s**2 + (p1 * p2 - p2 - p1 + 1) * x**3 * s**3 - 2 * x**3 * s**2 - 3 * x**3 * s
            + (p1 + p2 - 3 * p1 * p2 + 1) * x**2 * s**2 + 2 * x**2 * s + x**2 + 3 * p1 * p2 * x * s - p1 * p2
        )  # fmt: skip
        E1 = p2 * x**3 * s**2 - p2 * x**2 * s + p1 * p2 * x * s - p1 * p2
        E2 = (
            x**5 * s**3 - 3 * x**4 * s**2 + (p1 - 1) * x**3 * s**3 + 2 * x**3 * s**2 + 3 * x**3 * s
            + (-p1 - 1) * x**2 * s**2 - 2 * x**2 * s - x**2
        )  # fmt: skip
        return F1**2 * E1 / E0 + (mp.mpf(tau) ** 2 + mp.mpf(Fstar) ** 2) * E2 / E0 + mp.mpf(Fstar) ** 2


@pytest.mark.parametrize(
    "change",
    [{}, {"ridge": 1e-3}, {"psi1": 1.5}, {"psi1": 0.2, "psi2": 5.0}, {"slope": -1.0}, {"slope": 0.5}, {"ridge": 50.0}],
)
def test_the_prediction_is_what_the_papers_own_equations_give(change: dict[str, float]) -> None:
    at: dict[str, Any] = POINT | change
    assert lazy_assay.claim(ID).predict(**at) == pytest.approx(float(stated(**at)), rel=1e-11)


def test_at_a_small_ridge_the_risk_peaks_where_neurons_and_samples_are_equal() -> None:
    at = {**POINT, "psi2": 1.0, "ridge": 1e-4}
    curve = [lazy_assay.claim(ID).predict(**at | {"psi1": psi1}) for psi1 in (0.2, 0.9, 1.0, 1.1, 5.0)]
    assert curve[0] < curve[1] < curve[2] > curve[3] > curve[4]


@pytest.mark.parametrize("ridge", [1e-16, 1e-18, 1e-24, 1e-40])
@pytest.mark.parametrize("psi1", [0.1, 0.3, 0.7, 1.0, 1.3])
def test_as_the_ridge_vanishes_noise_costs_few_neurons_what_it_costs_least_squares(psi1: float, ridge: float) -> None:
    at = {**POINT, "psi1": psi1, "ridge": ridge, "F1": 0.0, "Fstar": 0.0, "tau": 1.0}
    assert lazy_assay.claim(ID).predict(**at) == pytest.approx(psi1 / (1.5 - psi1), rel=1e-11)


def test_the_exact_average_is_that_of_drawn_targets(simulation: Any) -> None:
    """Two simulations of one risk that share points and activation alone: four standard errors of the second."""
    at = {"sizes": (12,), "psi1": 1.5, "psi2": 2.0, "ridge": 0.1, "slope": 0.25, "F1": 0.7, "Fstar": 1.0, "tau": 0.5}
    exact = simulation.risk_along_path(**at, trials=2000, entropy=3)
    drawn = simulation.sampled_risk_along_path(**at, fresh=8, trials=6000, entropy=4)
    errors = (exact.var() / len(exact) + drawn.var() / len(drawn)).sqrt()
    assert abs(exact.mean() - drawn.mean()) < 4 * errors
    assert errors < 0.02 * exact.mean()


@pytest.mark.parametrize("psi1, psi2", [(3.0, 1.0), (0.5, 2.0), (0.3, 0.2), (4.0, 1.5)])
@pytest.mark.parametrize("slope", [-1.0, -0.25, 0.0, 0.9])
def test_without_a_ridge_the_risk_is_what_the_papers_equations_tend_to(psi1: float, psi2: float, slope: float) -> None:
    # What a ridge changes is λ/μ⋆² to first order: halving it twice and extrapolating leaves the second.
    at: dict[str, Any] = {"psi1": psi1, "psi2": psi2, "slope": slope, "F1": 1.0, "Fstar": 0.3, "tau": 0.5}
    small = 1e-7 * (1 - slope) ** 2
    one, half = (float(stated(**at, ridge=ridge)) for ridge in (small, small / 2))
    assert lazy_assay.claim(RIDGELESS).predict(**at) == pytest.approx(2 * half - one, rel=1e-9)


def test_at_the_pole_the_ridgeless_risk_refuses_by_name() -> None:
    with pytest.raises(lazy_assay.theory.InvalidParameterError, match="psi1 = psi2"):
        lazy_assay.claim(RIDGELESS).predict(psi1=1.5, psi2=1.5, slope=0.0, F1=1.0, Fstar=0.3, tau=0.5)


def test_a_neuron_that_no_input_excites_does_not_stop_the_least_norm_fit(simulation: Any) -> None:
    at = {"sizes": (4,), "psi1": 0.75, "psi2": 1.0, "ridge": 0.0, "slope": 0.0, "F1": 1.0, "Fstar": 0.3, "tau": 0.5}
    for risk in (simulation.risk_along_path, lambda **given: simulation.sampled_risk_along_path(**given, fresh=2)):
        assert risk(**at, trials=300, entropy=5).isfinite().all()


@pytest.mark.parametrize("id", [ID, RIDGELESS])
def test_the_batteries_find_nothing(id: str) -> None:
    assert [finding.fault for finding in validated(id) if finding.fault] == []


# The second simulation shares its fit with the first one, with a ridge and without: with one it is confronted here.
@pytest.mark.parametrize("id, without", [(ID, "nothing"), (RIDGELESS, "limit by risk on fresh inputs")])
def test_theory_and_simulation_agree_and_every_decoy_is_refuted(id: str, without: str) -> None:
    with Local() as executor:
        orders = [Order(task=task.id) for task in tasks(id) if task.name != without]
        results = [r for order in orders for r in executor.submit(order).result()]
    assert {r.verdict for r in results if r.subject == "claim"} == {"AGREES"}
    decoys = {r.decoy for r in results if r.subject == "decoy" and r.verdict == "DISAGREES"}
    assert decoys == {decoy.name for decoy in lazy_assay.claim(id).parts[0].decoys}


def planted(honest: Callable[..., Any]) -> Callable[..., Any]:
    """The nonlinear part of the target without what its misfit adds to the risk."""
    return lambda **given: honest(**given | {"Fstar": 0.0}) + given["Fstar"] ** 2


def test_a_dropped_term_is_refuted(simulation: Any) -> None:
    with Local(simulate={"risk averaged exactly": planted(simulation.risk_along_path)}) as executor:
        found = executor.submit(Order(task=f"{ID}/limit by risk averaged exactly")).result()
    assert any(r.subject == "claim" and r.verdict == "DISAGREES" for r in found)


def test_its_files_import_the_public_faces_alone() -> None:
    allowed = {"lazy_assay", "lazy_assay.theory", "lazy_assay.sims", "lazy_assay.checks"}
    texts = [path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py")]
    used = {name for text in texts for name in re.findall(r"(?:from|import) (lazy_assay[\w.]*)", text)}
    assert used <= allowed
