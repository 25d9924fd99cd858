from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lazy_assay import theory
from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.mixtures import bayes
from lazy_assay.sims.mixtures import neural_tangent as mixture_neural_tangent
from lazy_assay.sims.mixtures import random_features as mixture_random_features
from lazy_assay.sims.quadratic import neural_tangent, random_features
from lazy_assay.theory._status import CONFIRMED, SHARP, WITHIN
from lazy_assay.theory.ghorbani2019.optimal_features import best

ANCHORS = replace(PROFILES["quick"], examples=0)
ORACLES: dict[str, Callable[..., torch.Tensor]] = {
    "theorem1": random_features.population_risk,
    "corollary1": random_features.population_risk,
    "theorem4": mixture_random_features.population_risk,
    "theorem5": mixture_neural_tangent.population_risk,
}


def results(
    id: str,
    part: str,
    simulate: dict[str, Callable[..., Any]] | None = None,
    entropy: int = 21,
    wrong_versions: bool = False,
    search_trials: int = 6_000,
) -> list[Result]:
    """The results of one part at its anchors, with another simulation in a route's place."""
    found = []
    for task in tasks(f"ghorbani2019.{id}"):
        if task.part.name == part and task.routes and (simulate is None or set(task.routes) & set(simulate)):
            context = Context(
                claim=task.claim,
                profile=replace(ANCHORS, search_trials=search_trials),
                entropy=entropy,
                suspects=1,
                simulate=simulate or {},
                distort=None if wrong_versions else lambda p: p,
            )
            found += run(task, context)
    return found


def status(id: str, part: str, found: list[Result]) -> str:
    claim = theory.claim(f"ghorbani2019.{id}")
    return part_status(claim, claim.part(part), check(claim.id), found).status


def refuted(found: list[Result]) -> list[Result]:
    return [r for r in found if r.subject is Subject.CLAIM and r.verdict is Verdict.DISAGREES]


def spoilt(simulation: Callable[..., Any], spoil: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """A simulation whose draws are spoilt by `spoil(draws, generator)`."""

    def draw(**told: Any) -> np.ndarray:
        return np.asarray(spoil(simulation(**told).numpy(), np.random.default_rng(told["entropy"])))

    return draw


def two_point_noise(risks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """±.15·min(R, 1 − R) at every d: the mean is kept."""
    return np.asarray(risks + 0.15 * np.minimum(risks, 1 - risks) * rng.choice((-1, 1), risks.shape))


def coin_flips(risks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """0 or 1 with the right mean."""
    return (rng.random(risks.shape) < risks).astype(float)


def their_mean(risks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """One number for every W."""
    return np.full_like(risks, risks.mean())


@pytest.mark.parametrize("id", ORACLES)
def test_mean_preserving_noise_at_every_size_is_refuted(id: str) -> None:
    noisy = {"exact oracle": spoilt(ORACLES[id], two_point_noise)}
    found = results(id, "concentration", noisy, search_trials=1_000)
    assert refuted(found)
    assert {r.stage for r in refuted(found)} == {"confirm"}


@pytest.mark.parametrize("id", ["corollary1", "theorem5"])
def test_the_same_route_without_noise_is_confirmed(id: str) -> None:
    found = results(id, "concentration", {"exact oracle": ORACLES[id]})
    assert {r.verdict for r in found} == {Verdict.AGREES}
    assert {r.method for r in found} == {"betting"}


DOUBLED: dict[str, Callable[..., torch.Tensor]] = {
    "theorem1": random_features.population_risk_and_doubled,
    "theorem4": mixture_random_features.population_risk_and_doubled,
}


@pytest.mark.parametrize("id", DOUBLED)
def test_noise_at_both_sizes_is_no_limit(id: str) -> None:
    noisy = {"exact oracle at two sizes": spoilt(DOUBLED[id], two_point_noise)}
    found = results(id, "concentration", noisy, search_trials=1_000)
    assert {r.stage for r in refuted(found)} == {"confirm"}


@pytest.mark.parametrize("law", [coin_flips, their_mean], ids=lambda law: law.__name__)
def test_a_right_mean_with_a_wrong_law_is_refuted(law: Callable[..., Any]) -> None:
    wrong = {"exact oracle": spoilt(random_features.population_risk, law)}
    found = results("corollary1", "concentration", wrong, search_trials=1_000)
    assert refuted(found)


SHARES: dict[str, tuple[str, Callable[..., torch.Tensor]]] = {
    "RF_traceless": ("captured traceless", random_features.captured_fraction),
    "RF_cubic": ("captured cubic", random_features.captured_fraction),
    "NT_cubic": ("captured cubic", neural_tangent.captured_cubic_fraction),
}


@pytest.mark.parametrize("part", SHARES)
def test_a_captured_share_that_tends_to_a_fifth_is_refuted(part: str) -> None:
    route, simulation = SHARES[part]
    found = results("expressivity", part, {route: spoilt(simulation, lambda share, _: 0.2 + 0.8 * share)})
    assert refuted(found)


def test_the_bound_at_the_covariance_aligned_with_the_target_is_refuted() -> None:
    found = results("optimal_features", "", wrong_versions=True)
    decoys = {r.decoy: r.verdict for r in found if r.subject is Subject.DECOY}
    assert decoys["Γ ∝ B is best at every ρ"] is Verdict.DISAGREES
    assert status("optimal_features", "", found) == SHARP


@given(
    st.lists(st.floats(-2, 2), min_size=1, max_size=7).filter(lambda b: max(map(abs, b)) > 1e-3),
    st.floats(1e-3, 1e3),
    st.integers(0, 2**32 - 1),
)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_no_covariance_goes_below_the_bound_and_one_reaches_it(entries: list[float], rho: float, seed: int) -> None:
    B, rng = np.array(entries), np.random.default_rng(seed)
    risk, least = theory.claim("ghorbani2019.corollary1").predict, theory.claim("ghorbani2019.optimal_features").predict
    bound = least(rho=rho, B=B)
    assert risk(rho=rho, B=B, Gamma=best(rho, B)) == pytest.approx(bound, abs=1e-12)
    for sharpness in (0.3, 1.0, 3.0):
        Gamma = rng.exponential(size=len(B)) ** sharpness
        assert risk(rho=rho, B=B, Gamma=Gamma / Gamma.sum()) >= bound - 1e-12
    # A dense covariance, and a small step away from the best one.
    W = rng.standard_normal((len(B), len(B)))
    dense = W @ W.T
    assert risk(rho=rho, B=B, Gamma=dense / np.trace(dense)) >= bound - 1e-12
    near = 0.97 * np.diag(best(rho, B)) + 0.03 * dense / np.trace(dense)
    assert risk(rho=rho, B=B, Gamma=near) >= bound - 1e-12


def test_a_tangent_model_that_achieves_the_bayes_error_is_refuted() -> None:
    route = "wide tangent model against the posterior mean"
    achieved = spoilt(bayes.wide_tangent_excess, lambda excess, _: 0.05 * excess)
    assert refuted(results("bayes", "gap", {route: achieved}))


def test_a_tangent_model_of_half_the_neurons_does_not_beat_the_best_network() -> None:
    def halved(**told: Any) -> torch.Tensor:
        return mixture_neural_tangent.population_risk(**told | {"N": told["N"] // 2})

    assert refuted(results("eq17", "both_signs", {"exact oracle": halved}))


def test_a_gap_with_one_neuron_fewer_is_refuted() -> None:
    def fewer(**told: Any) -> torch.Tensor:
        return neural_tangent.gap_to_best_network(**told | {"N": told["N"] - 1})

    assert refuted(results("eq6", "gap", {"projection against singular values": fewer}))


SOUND = (
    ("bayes", "gap"),
    ("bayes", "limit"),
    ("eq17", "both_signs"),
    ("eq6", "gap"),
    ("theorem5", "concentration"),
)


@pytest.mark.parametrize("id, part", SOUND)
def test_a_part_is_confirmed_where_nothing_is_spoilt(id: str, part: str) -> None:
    assert status(id, part, results(id, part, wrong_versions=True)) in (CONFIRMED, SHARP, WITHIN)
