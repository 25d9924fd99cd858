from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from torch import Tensor

from lazy_assay import theory
from lazy_assay.checks.engine.perform import run
from lazy_assay.checks.engine.registry import check, tasks
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.status import part_status
from lazy_assay.sims.features import initial_gram, kernels, optimal_variance, sample_gap, tangent_regression
from lazy_assay.sims.two_layer import fixed_output_layer, small_decay
from lazy_assay.sims.two_layer import weight_decay as decay

FEW = replace(PROFILES["quick"], examples=1)


def spoilt(simulation: Callable[..., Tensor], **wrong: Any) -> Callable[..., Any]:
    """A simulation with some arguments spoilt: {name: what is done to its value}."""
    return lambda **told: simulation(**told | {name: spoil(told[name]) for name, spoil in wrong.items()})


def status(
    id: str, part: str, simulate: Callable[..., Any] | None = None, distort: Callable[..., Any] | None = None
) -> str:
    """The status of one part, its anchors confronted with another simulation, or bent predictions."""
    claim, results = theory.claim(id), []
    for task in (task for task in tasks(id) if task.part.name == part and task.routes):
        stands_in = dict.fromkeys(task.routes, simulate) if simulate else {}
        # A distortion, be it none, leaves out the decoys.
        context = Context(
            claim=claim, profile=FEW, entropy=5, suspects=2, simulate=stands_in, distort=distort or (lambda p: p)
        )
        results += run(task, context)
    return part_status(claim, claim.part(part), check(id), results).status


def scattered(factor: float) -> Callable[..., Any]:
    """Kernels of random features that scatter by a factor about the mean of their own draws."""

    def simulate(**told: Any) -> Tensor:
        draws = kernels.feature_kernel(**told)
        centre = draws.mean()
        return centre + factor * (draws - centre)

    return simulate


def as_if_linear(simulation: Callable[..., Tensor]) -> Callable[..., Any]:
    """Shares that are made of n/d instead of n/C(d,2), as if of order d samples were enough; errors to match."""
    if simulation is sample_gap.explained_share:
        return lambda **told: simulation(**told) * (told["d"] - 1) / 2
    return lambda **told: 1 - (1 - simulation(**told)) * (told["d"] - 1) / 2


def spoilt_law(simulation: Callable[..., Tensor]) -> Callable[..., Any]:
    """The flow's gap from a law that is off by a percent: it no longer closes."""
    return lambda **told: simulation(**told) + 0.01


SOUND = {
    "pairs": ("fang2021.initial_gram", "pairs", initial_gram.pair_eigenvalue),
    "residual": ("fang2021.initial_gram", "residual", initial_gram.squared_residual),
    "fluctuation": ("fang2021.rf_kernel", "fluctuation", scattered(1.0)),
    "random": ("kearns2023.eq13", "random", tangent_regression.kernel_entries),
    "one_step": ("fang2021.l1_equivalence", "one_step", decay.stepped_balance_at),
    "trained": ("fang2021.optimal_variance", "trained", optimal_variance.trained_variance_at),
    "minimiser": ("fang2021.footnote1", "minimiser", small_decay.minimiser_distance_at),
}
FAULTS = {
    "no dependence on n": (
        "fang2021.du2019", "probability", spoilt(fixed_output_layer.paired_excess, pairs=lambda k: 1)
    ),
    "no dependence on λ_0": (
        "fang2021.initial_gram", "pairs", spoilt(initial_gram.pair_eigenvalue, correlation=lambda c: 0.01)
    ),
    "one neuron fewer": (
        "fang2021.du2019", "probability", spoilt(fixed_output_layer.paired_excess, m=lambda m: m - 1)
    ),
    "a Gram matrix of one neuron fewer": (
        "fang2021.initial_gram", "pairs", spoilt(initial_gram.pair_eigenvalue, m=lambda m: max(m - 1, 1))
    ),
    "labels a tenth too large": (
        "fang2021.initial_gram", "residual", spoilt(initial_gram.squared_residual, labels=lambda y: 1.1 * y)
    ),
    "a right mean and a law that is 3 % too narrow": ("fang2021.rf_kernel", "fluctuation", scattered(0.97)),
    "relu for every activation": (
        "kearns2023.eq13", "random", spoilt(tangent_regression.kernel_entries, activation=lambda name: "relu")
    ),
    "a step 5 % too long": (
        "fang2021.l1_equivalence", "one_step", spoilt(decay.stepped_balance_at, step_size=lambda x: 1.05 * x)
    ),
    "a law of the flow that is a little off": (
        "fang2021.l1_equivalence", "flow", spoilt_law(decay.flow_gap)
    ),
    "decay of one layer too strong": (
        "fang2021.l1_equivalence", "stationary", spoilt(decay.unbalanced_gradient_at, lambda_theta=lambda x: 1.01 * x)
    ),
    "masses that are trained once": (
        "fang2021.optimal_variance", "trained", spoilt(optimal_variance.trained_variance_at, rounds=lambda n: 1)
    ),
    "a share of n/d": (
        "fang2021.sample_gap", "kernels", as_if_linear(sample_gap.explained_share)
    ),
    "an error of 1 − n/d": (
        "fang2021.sample_gap", "error", as_if_linear(sample_gap.regression_error)
    ),
    "a kernel that knows the pair": (
        "fang2021.sample_gap", "error", spoilt(sample_gap.regression_error, kernel=lambda name: "aligned")
    ),
    "half the strength": (
        "fang2021.footnote1", "minimiser", spoilt(small_decay.minimiser_distance_at, mu=lambda mu: mu / 2)
    ),
}  # fmt: skip
BENT = {
    "half the share of products explained": ("fang2021.sample_gap", "kernels", 0.5),
    "rf_kernel's variance 3 % too large": ("fang2021.rf_kernel", "fluctuation", 1.03),
    "rf_kernel's variance 3 % too small": ("fang2021.rf_kernel", "fluctuation", 0.97),
    "the first residual 10 % too large": ("fang2021.initial_gram", "residual", 1.1),
    "the spread of a kernel 15 % too small": ("kearns2023.eq13", "random", 0.85),
    "the chance of a small eigenvalue a third too large": ("fang2021.initial_gram", "pairs", 4 / 3),
}


@pytest.mark.parametrize("id, part, simulate", SOUND.values(), ids=SOUND)
def test_a_sound_simulation_is_confirmed(id: str, part: str, simulate: Callable[..., Any]) -> None:
    assert status(id, part, simulate) == "confirmed"


def test_the_bound_on_kernels_at_few_samples_is_sharp_and_that_on_their_error_is_near() -> None:
    assert status("fang2021.sample_gap", "kernels", sample_gap.explained_share) == "holds, sharp"
    assert status("fang2021.sample_gap", "error", sample_gap.regression_error) == "holds, within 10×"


@pytest.mark.parametrize("id, part, simulate", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_refuted(id: str, part: str, simulate: Callable[..., Any]) -> None:
    assert status(id, part, simulate) == "refuted"


@pytest.mark.parametrize("id, part, factor", BENT.values(), ids=BENT)
def test_a_bent_prediction_is_refuted(id: str, part: str, factor: float) -> None:
    assert status(id, part, distort=lambda p: factor * p) == "refuted"


DEPENDENCES = [
    ("fang2021.du2019", "probability", {"no n", "no λ_0", "half as many neurons", "λ_0/2"}),
    ("fang2021.initial_gram", "concentration", {"no n", "no λ_0", "m²"}),
    ("fang2021.initial_gram", "gram_width", {"no n", "squared", "1/δ"}),
]


@pytest.mark.parametrize("id, part, names", DEPENDENCES)
def test_a_dropped_dependence_is_a_decoy_of_its_part(id: str, part: str, names: set[str]) -> None:
    assert names == {decoy.name for decoy in theory.claim(id).part(part).decoys}
