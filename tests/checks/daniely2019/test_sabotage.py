"""Faults planted in what the claims of Daniely are confronted with: each is refuted, or its part is not confirmed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from lazy_assay.checks.daniely2019 import theorem5
from lazy_assay.checks.engine.perform import run, suspects
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES, Profile
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.paired import network as paired_network
from lazy_assay.sims.paired import random_embeddings, tangent
from lazy_assay.theory import claim

# Anchors alone, and as many seeds as an interval of a mean needs.
SMALL, CLAIM = replace(PROFILES["quick"], examples=0, seeds=8), claim("daniely2019.theorem5")


def confronted(
    id: str, part: str, name: str, simulate: dict[str, Callable[..., Any]], profile: Profile = SMALL
) -> list[Result]:
    """The results of one task of a part, with another simulation in its routes' place."""
    task = next(task for task in tasks(f"daniely2019.{id}") if task.part.name == part and task.name.startswith(name))
    share = suspects(task.claim.id).get(task.id, 0)
    return run(task, Context(claim=task.claim, profile=profile, entropy=5, suspects=share, simulate=simulate))


def verdicts(results: list[Result]) -> set[Verdict]:
    return {result.verdict for result in results if result.subject is Subject.CLAIM}


def eighth(simulation: Callable[..., torch.Tensor]) -> Callable[..., torch.Tensor]:
    """The same network with an eighth of its neurons: without the saved factor d, at d = 8."""
    return lambda *, q, **sizes: simulation(q=max(1, q // 8), **sizes)


@pytest.mark.parametrize("divisor, expected", [(1, Verdict.AGREES), (8, Verdict.UNDECIDED)])
def test_q_over_8_neurons_miss_the_loss_that_q_neurons_reach(divisor: int, expected: Verdict) -> None:
    def one_size(*, widths: Any, steps: Any, rates: Any, **sizes: Any) -> torch.Tensor:
        widths, steps, rates = (np.asarray(each)[2:3] for each in (widths, steps, rates))
        drawn = paired_network.population_errors(widths=widths // divisor, steps=steps, rates=rates, **sizes)
        return drawn.expand(-1, len(theorem5.NEURONS))

    first, *_ = confronted("theorem5", "neurons", "witness", {theorem5.GROWING.name: one_size})
    assert first.verdict is expected


def test_q_over_8_neurons_reach_no_loss_of_the_explicit_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lazy_assay.checks.daniely2019._witnesses.GRID", ((8, 8, 48, 0.5, 8), (24, 24, 48, 0.5, 8)))
    right = confronted("theorem5", "witness", "witness", {})
    wrong = confronted("theorem5", "witness", "witness", {"tangent space": eighth(tangent.returned_losses)})
    assert verdicts(right) == {Verdict.AGREES}
    assert verdicts(wrong) == {Verdict.UNDECIDED}


def test_q_over_8_neurons_explain_too_little_of_random_labels() -> None:
    wrong = {"projection": eighth(tangent.unexplained_share)}
    assert Verdict.DISAGREES in verdicts(confronted("theorem5", "capacity", "projection", wrong))


@pytest.mark.parametrize("exponent", [0.0, -0.5])
def test_a_number_of_neurons_that_falls_too_slowly_with_the_dimension_is_refuted(exponent: float) -> None:
    def slow(*, dimensions: list[int], trials: int, entropy: int, **sizes: Any) -> np.ndarray:
        noise = np.random.default_rng(entropy).standard_normal((trials, len(dimensions)))
        return 20 * np.asarray(dimensions, float) ** exponent * np.exp(0.1 * noise)

    # With as many seeds as a quick run has: the drift that a slope may still be on has an interval of its own.
    quick = replace(SMALL, seeds=PROFILES["quick"].seeds)
    found = confronted("theorem5", "dimension", "slope", {theorem5.LEAST.name: slow}, quick)
    assert verdicts(found) == {Verdict.DISAGREES}


def test_a_learner_that_knows_labels_it_has_not_seen_is_refuted() -> None:
    def knowing(**sizes: Any) -> torch.Tensor:
        return 0.9 * tangent.orthogonal_losses(**sizes)

    found = confronted("theorem5", "samples_needed", "lower bound", {theorem5.ORTHOGONAL.name: knowing})
    assert Verdict.DISAGREES in verdicts(found)


def all_alike(
    *, correlation: float, active: int, q: int, replicas: int, trials: int, entropy: int, **sizes: Any
) -> np.ndarray:
    """Every neuron active at both inputs or none, with the right chance: the right mean count, another law."""
    rng = np.random.default_rng(entropy)
    u = rng.standard_normal((2, trials, replicas))
    both = (u[0] > 0) & (correlation * u[0] + np.sqrt(1 - correlation**2) * u[1] > 0)
    return np.asarray((np.where(both, q, 0) == active).mean(1))


def test_a_right_mean_count_with_a_wrong_law_is_refuted() -> None:
    found = confronted("fluctuation", "relu_count", "probabilities", {"active neurons": all_alike})
    assert Verdict.DISAGREES in verdicts(found)


def test_neurons_of_one_draw_have_the_right_kernel_and_the_wrong_variance() -> None:
    def one_neuron(*, q: int, **sizes: Any) -> torch.Tensor:
        return random_embeddings.kernel_variance(q=1, **sizes)

    found = confronted("fluctuation", "variance", "every size", {"sample variances": one_neuron})
    assert Verdict.DISAGREES in verdicts(found)


@pytest.mark.parametrize("part, name", [("isotropic", "identity"), ("bound", "upper"), ("exact_mean", "one percent")])
def test_features_of_one_dimension_in_place_of_d_are_refuted(part: str, name: str) -> None:
    def scalar(*, points: np.ndarray, **sizes: Any) -> np.ndarray:
        return np.asarray(
            np.shape(points)[1] * np.asarray(random_embeddings.approximation_error(points=points, **sizes))
        )

    assert Verdict.DISAGREES in verdicts(confronted("theorem4", part, name, {"random embeddings": scalar}))


def test_a_loss_above_the_bound_of_theorem_4_is_refuted_where_no_suspect_was_left_before() -> None:
    def worse(**sizes: Any) -> np.ndarray:
        return 20 * np.asarray(random_embeddings.excess_loss(**sizes))

    found = confronted("theorem4", "lipschitz_loss", "upper", {"excess losses": worse})
    assert Verdict.DISAGREES in verdicts(found)


def test_gaussian_rows_in_place_of_points_of_the_sphere_are_refuted_at_the_smallest_sizes() -> None:
    def gaussian(*, d: int, m: int, trials: int, entropy: int, **sizes: Any) -> np.ndarray:
        rows = np.random.default_rng(entropy).standard_normal((trials, m, d))
        return np.linalg.eigvalsh(rows @ rows.mT)[:, -1] / m

    found = confronted(
        "bounded_distributions", "random_points", "every size", {"largest eigenvalues, small sizes": gaussian}
    )
    assert Verdict.DISAGREES in verdicts(found)


def test_a_witness_that_is_missed_leaves_its_part_unconfirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lazy_assay.checks.daniely2019._witnesses.GRID", ((24, 24, 48, 0.5, 8),))
    wrong = confronted("theorem5", "witness", "witness", {"tangent space": eighth(tangent.returned_losses)})
    found = part_status(CLAIM, CLAIM.part("witness"), check(CLAIM.id), wrong)
    assert found.status != found.expected.status
