"""The statements about convergence, beside what their checks show: constants, counterexamples, decoys."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from lazy_assay import checks, theory
from lazy_assay.checks.engine.registry import check
from lazy_assay.checks.kawaguchi2021._problems import constants
from lazy_assay.checks.kawaguchi2021.theorem1_gd import ENTROPY, RANDOM, flat, with_comparator, wrong_side
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.deep import all_layers, batch_normalisation, last_layer
from lazy_assay.theory.kawaguchi2021 import _last_layer as layer

IDS = ("analyticity", "figure1", "proposition1", "theorem1_gd", "theorem1_sgd", "theorem3")


@pytest.fixture(scope="module")
def confronted() -> Callable[..., list[Result]]:
    """The quick results of a claim, made once."""
    known: dict[str, list[Result]] = {}

    def results(name: str) -> list[Result]:
        if name not in known:
            known[name] = checks.confront(f"kawaguchi2021.{name}", entropy=5)
        return known[name]

    return results


@pytest.mark.parametrize("name", IDS)
def test_every_part_is_as_expected_and_every_decoy_is_refuted(
    confronted: Callable[..., list[Result]], name: str
) -> None:
    claim, found = theory.claim(f"kawaguchi2021.{name}"), confronted(name)
    statuses = [part_status(claim, part, check(claim.id), found) for part in claim.parts]
    assert all(status.as_expected for status in statuses), statuses
    decoys = {(part.name, decoy.name) for part in claim.parts for decoy in part.decoys}
    refuted = {(r.part, r.name) for r in found if r.subject is Subject.DECOY and r.verdict is Verdict.DISAGREES}
    assert refuted == decoys


def test_the_constants_of_the_contract() -> None:
    third = theory.claim("kawaguchi2021.theorem3").predict(L=2.0, R_bar=3.0, gap=4.0, eta_bar=0.5, t=8)
    assert third == pytest.approx(4.0, abs=1e-12)
    assert theory.claim("kawaguchi2021.figure1").predict(zeta=100.0) == pytest.approx(np.log(2) / 100, abs=1e-15)
    assert theory.claim("kawaguchi2021.theorem1_gd").predict(R=3.0, L_H=2.0, t=50) == pytest.approx(0.18, abs=1e-12)
    sgd = theory.claim("kawaguchi2021.theorem1_sgd")
    assert sgd.predict(R=2.0, G=1.0, step_sizes=[0.5, 0.5]) == pytest.approx(4.5 / 2, abs=1e-12)


def test_a_wrong_lipschitz_constant_is_caught(confronted: Callable[..., list[Result]]) -> None:
    controls = [r for r in confronted("theorem1_gd") if r.subject is Subject.CONTROL]
    assert [r.verdict for r in controls] == [Verdict.DISAGREES] * 2


def test_a_constant_batch_without_eps_has_no_radius_and_a_jump(confronted: Callable[..., list[Result]]) -> None:
    (control,) = [r for r in confronted("proposition1") if r.subject is Subject.CONTROL]
    assert control.verdict is Verdict.DIVERGED
    direction = np.array([1.0, -2.0, 0.5])
    expected = 2 * np.sqrt(len(direction))
    for step in (1e-1, 1e-4, 1e-8):
        jump = float(batch_normalisation.jump_at(direction=direction, step=step, eps=0.0)[0])
        assert jump == pytest.approx(expected, rel=1e-12)
    assert float(batch_normalisation.jump_at(direction=direction, step=1e-8, eps=1e-5)[0]) < 1e-4


def test_the_tight_constant_is_attained(confronted: Callable[..., list[Result]]) -> None:
    found = constants(flat(4))
    excess = last_layer.descent_at(
        **{name: found[name] for name in ("features", "targets", "start", "step_size", "minimum")}, loss="squared", t=4
    )
    published = theory.claim("kawaguchi2021.theorem1_gd").part("tight").published
    assert published
    claimed = published(found["R"], found["L_H"], 4)
    assert float(excess[0]) == pytest.approx(claimed, rel=1e-10)


def test_cross_entropy_on_one_hot_targets_has_no_minimiser() -> None:
    known = constants(ENTROPY | {"t": 4})
    F, y = known["features"], np.eye(3)[known["targets"].argmax(1)]
    ray = np.linalg.pinv(F) @ y
    losses = [layer.mean_loss(F, y, c * ray, "cross_entropy") for c in (0.0, 5.0, 10.0, 20.0, 30.0)]
    assert all(b < a / 2 for a, b in pairwise(losses))
    assert min(losses) > 0


def comparator_ratios(seeds: int, times: tuple[int, ...], **sizes: Any) -> Iterator[float]:
    """L(w^t) over the bound with the sharpest comparator."""
    for seed, t in itertools.product(range(seeds), times):
        known = with_comparator(RANDOM | sizes | {"seed": seed, "t": t})
        names = ("features", "targets", "start", "step_size", "minimum")
        loss = last_layer.descent_at(**{name: known[name] for name in names}, loss="squared", t=t)
        yield float(loss[0]) / (known["L_u"] + known["L_H"] * known["D"] ** 2 / (4 * t))


def test_the_comparator_bound_comes_close_and_is_never_broken() -> None:
    assert 0.8 < max(comparator_ratios(40, (1, 4, 16, 64))) <= 1


def test_with_many_points_the_comparator_bound_is_close_in_the_median() -> None:
    ratios = list(comparator_ratios(3, (1, 4, 16, 64, 256), n=200, width=220))
    assert 0.75 < np.median(ratios) < max(ratios) <= 1


def after(known: dict[str, Any], loss: str, t: int) -> float:
    """The loss after t steps, nothing subtracted."""
    given = {name: known[name] for name in ("features", "targets", "start", "step_size")}
    return float(last_layer.descent_at(**given, loss=loss, t=t, minimum=0.0)[0])


@pytest.mark.parametrize("t, length", [(1, 1.0), (2, 0.1), (4, 30.0)])
def test_where_the_loss_is_linear_the_comparator_bound_is_attained(t: int, length: float) -> None:
    known = with_comparator(wrong_side(t, length, 60.0))
    bound = known["L_u"] + known["L_H"] * known["D"] ** 2 / (4 * t)
    assert after(known, "cross_entropy", t) == pytest.approx(bound, rel=1e-12)


@pytest.mark.parametrize("loss", ["squared", "cross_entropy"])
def test_no_comparator_breaks_the_bound(loss: str) -> None:
    rng = np.random.default_rng(3)
    for seed, t in itertools.product(range(10), (1, 2, 8, 64)):
        known = constants(RANDOM | {"seed": seed, "t": t, "loss": loss, "scale": 10.0 ** rng.integers(-1, 3)})
        F, start, end = known["features"], known["start"], after(known, loss, t)
        way = -F.T @ (F @ start - known["targets"])
        for _ in range(8):
            u = start + 10.0 ** rng.uniform(-4, 0) * way + rng.standard_normal(start.shape) * 10.0 ** rng.uniform(-4, 0)
            bound = layer.mean_loss(F, known["targets"], u, loss) + known["L_H"] * np.square(u - start).sum() / (4 * t)
            assert end <= bound * (1 + 1e-12)


def test_the_softmax_hessian_attains_one_half() -> None:
    norm = last_layer.hessian_norm_at(outputs=np.array([0.0, 0.0, -800.0]))
    assert float(norm[0]) == 0.5


@pytest.mark.parametrize("wrong", [0.0, 1.0, 1.5, -0.5])
def test_theorem_3_refuses_steps_that_the_paper_lets_in(wrong: float) -> None:
    with pytest.raises(theory.InvalidParameterError, match="eta_bar must be"):
        theory.claim("kawaguchi2021.theorem3").predict(L=1.0, R_bar=1.0, gap=1.0, eta_bar=wrong, t=3)


def test_a_network_whose_neurons_are_off_stays_above_the_bound(confronted: Callable[..., list[Result]]) -> None:
    controls = [r for r in confronted("theorem3") if r.subject is Subject.CONTROL]
    (control,) = [r for r in controls if r.assumption.startswith("rank K")]
    assert control.verdict is Verdict.DISAGREES
    assert control.estimate > 5 * control.predicted


def test_curvature_is_unbounded_in_a_sublevel_set() -> None:
    points, targets = np.array([[1.0], [-0.5]]), np.array([0.2, -0.3])
    norms, losses = [], []
    for c in (10.0, 100.0, 1000.0):
        # f = σ(σ(c x))/c up to biases: the outputs stay bounded while c grows.
        theta = np.array([c, 0.0, 1.0, 0.0, 1 / c, 0.0])
        path = all_layers.trajectory_at(
            points=points, targets=targets, theta=theta, widths=[1, 1], activation="softplus", step_size=0.0, t=1
        )
        losses.append(float(path[0, 0, 0]))
        norms.append(float(path[0, 0, 3]))
    assert max(losses) <= 1.1 * losses[0]
    assert norms[1] > 50 * norms[0]
    assert norms[2] > 50 * norms[1]


def test_training_the_last_layer_alone_can_lower_the_rank() -> None:
    x, a, v = np.array([-1.0, 0.0, 1.0]), 1.0, 0.7

    def jacobian(v: float) -> np.ndarray:
        h = np.tanh(a * x)
        return np.stack([h, np.ones(3), v * (1 - h**2) * x, v * (1 - h**2)], axis=1)

    h = np.tanh(a * x)
    step_size = 3 / (4 * np.tanh(1.0) ** 2)
    moved = v - step_size * 2 * (v * h**2).mean()
    assert abs(moved) < 1e-15
    before, after = (np.linalg.svd(jacobian(w), compute_uv=False)[2] for w in (v, 0.0))
    assert before > 0.1
    assert after == 0.0


def test_relu_and_maximal_pooling_get_no_certificate(confronted: Callable[..., list[Result]]) -> None:
    controls = {r.name: r for r in confronted("analyticity") if r.subject is Subject.CONTROL}
    del controls["torch's Softplus"]
    assert set(controls) == {"relu", "maximal pooling", "residual network with relu"}
    assert {r.verdict for r in controls.values()} == {Verdict.UNDECIDED}
    assert min(r.estimate for r in controls.values()) >= 1


def test_torchs_softplus_falls_where_the_formula_rises(confronted: Callable[..., list[Result]]) -> None:
    falls = [r for r in confronted("analyticity") if r.name == "torch's Softplus"]
    assert [(r.subject, r.verdict) for r in falls] == [(Subject.CONTROL, Verdict.DISAGREES)] * 2
    for result, zeta in zip(falls, (1.0, 100.0), strict=True):
        assert result.estimate == pytest.approx(np.log1p(np.exp(-20)) / zeta, rel=1e-5)
