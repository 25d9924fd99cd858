"""Every line of a diagnosis, of one network: a number, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from lazy_assay.sims.core.torch import torch
from lazy_assay.sims.diagnosis import curvature
from lazy_assay.sims.diagnosis.case import PARTS, Case, rounding
from lazy_assay.sims.diagnosis.masks import dead, flips, masks
from lazy_assay.sims.diagnosis.subject import DiagnosisError, Recipe, trained
from lazy_assay.sims.dynamics import measures
from lazy_assay.sims.modules.errors import ModuleError, told

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module

# What a tangent model leaves of its residual when `steps` are counted.
LEFT = 0.01
# How the lines begin that are about points held out.
HELD_OUT = "held-out"


def measured(module: Module, recipe: Recipe, decay: float | None, left_out: Collection[str]) -> dict[str, float | str]:
    """By name a number, or one line that says why it cannot be had; `left_out` are not computed."""
    case = Case(module, recipe, decay)
    asked = (name for name in MEASURES if recipe.held_out is not None or not name.startswith(HELD_OUT))
    return {name: _said(MEASURES[name], case) for name in asked if name not in left_out}


def _said(measure: Callable[[Case], float], case: Case) -> float | str:
    try:
        found = float(measure(case))
    except ModuleError as error:
        return str(error)
    except (RuntimeError, NotImplementedError) as error:  # an operator without a second derivative, say
        return f"torch fails ({told(error)})"
    return found if abs(found) < float("inf") else "the number is not finite"


def departure(case: Case) -> float:
    """The largest ‖f_k − f̄_k‖/‖f_0 − y‖ over all steps k: the network less its tangent model, trained alike.

    In float64. Along training and not at its end, where both may have learnt the targets, by different ways.
    """
    outputs = torch.cat([case.trained[1], case.at(case.end)[None]])
    gaps = outputs - case.tangent(list(range(case.recipe.steps + 1)))
    return float(gaps.norm(dim=1).max() / case.gap.norm())


def _size(case: Case, part: Tensor) -> float:
    return float(part.norm() / case.gap.norm())


def _kappa(case: Case) -> float:
    """‖f_0 − y‖ ‖D²f‖/‖Df‖² (Chizat, Oyallon, Bach 2019, Eq. 4)."""
    first = torch.linalg.matrix_norm(curvature.jacobian(case.start, case.exact.x), ord=2)
    if not bool(first > 0):
        raise DiagnosisError("the derivative in the parameters is zero at the start")
    second = torch.tensor(curvature.second_derivative_norm(case.start, case.exact.x), dtype=torch.float64)
    return float(measures.kappa(case.gap.norm(), second, first))


def _kernel_change(case: Case) -> float:
    """‖K_T − K_0‖_F/‖K_0‖_F."""
    return float((case.last_kernel - case.kernel).norm() / case.kernel.norm())


def _linearisation(case: Case) -> float:
    """‖f_T − f̄(w_T)‖/‖f_T − f_0‖: what the tangent model misses at the parameters where training ended."""
    start, end = (tuple(p.detach()[None] for p in trained(it)) for it in (case.start, case.end))
    names = [name for name, p in case.start.named_parameters() if p.requires_grad]
    if all(torch.equal(a, b) for a, b in zip(start, end, strict=True)):
        raise DiagnosisError("training does not move the parameters")

    def model(parameters: tuple[Tensor, ...], x: Tensor) -> Tensor:
        values = dict(zip(names, (p[0] for p in parameters), strict=True))
        buffers = {name: b.clone() for name, b in case.start.named_buffers()}
        found: Tensor = torch.func.functional_call(case.start, {**values, **buffers}, (x,)).flatten()[None]
        return found

    from torch.nn.attention import SDPBackend, sdpa_kernel

    with sdpa_kernel([SDPBackend.MATH]):
        return float(measures.linearisation_error(model, start, end, case.exact.x))


def _alignment(case: Case, kernel: Tensor) -> float:
    """⟨K, yyᵀ⟩/(‖K‖_F ‖y‖²) (Cristianini et al. 2001)."""
    y = case.exact.y.flatten()
    if not bool(y.any()):
        raise DiagnosisError("the targets are zero: nothing is aligned with them")
    return float(y @ kernel @ y / (kernel.norm() * y.square().sum()))


def _flips(case: Case) -> float:
    return flips(case.masks, masks(case.end, case.exact.x))


def _distance(case: Case) -> float:
    return _size(case, case.at(case.own) - case.limit())


def _part(name: str) -> Callable[[Case], float]:
    def size(case: Case) -> float:
        if name == "precision" and case.is_double:
            raise DiagnosisError("the network is float64: there is nothing finer to hold it against")
        return _size(case, case.parts[name])

    return size


def _share(name: str) -> Callable[[Case], float]:
    return lambda case: _of(case.parts, name)


def _total(parts: dict[str, Tensor]) -> Tensor:
    return torch.stack(list(parts.values())).sum(0)


def _of(parts: dict[str, Tensor], name: str) -> float:
    total = _total(parts)
    if not bool(total.norm() > 0):
        raise DiagnosisError("the network is where its tangent model tends to: there is nothing to share")
    return float(parts[name] @ total / total.square().sum())


def _held_out(case: Case, part: Tensor) -> float:
    """Root mean square of a part at the held-out points over that of the first residual."""
    return float((part.square().mean() / case.gap.square().mean()).sqrt())


def _held_out_share(name: str) -> Callable[[Case], float]:
    return lambda case: _of(case.parts_held_out, name)


def _held_out_departure(case: Case) -> float:
    parts = case.parts_held_out
    tangent = case.onto_held_out @ (case.tangent([case.recipe.steps])[0] - case.limit())
    return _held_out(case, _total(parts) - parts["precision"] - tangent)


def _eigenvalues(case: Case) -> Tensor:
    values: Tensor = torch.linalg.eigvalsh(case.kernel)
    if not float(values[0]) > rounding(values):
        raise DiagnosisError("the kernel is singular to rounding: some of the targets are never learnt")
    return values


def _condition(case: Case) -> float:
    values = _eigenvalues(case)
    return float(values[-1] / values[0])


def _condition_at_most(case: Case) -> float:
    """λ_max/λ_min with what rounding may have done to both eigenvalues (Weyl), N ε λ_max."""
    values = _eigenvalues(case)
    return float((values[-1] + rounding(values)) / (values[0] - rounding(values)))


def _steps_at_most(case: Case) -> float:
    """After how many steps the tangent model has `LEFT` of its residual, whatever the targets are."""
    values = _eigenvalues(case)
    if _edge(case) >= 1:
        raise DiagnosisError("the tangent model diverges at this step size")
    ends = values[0] - rounding(values), values[-1] + rounding(values)
    slowest = max(abs(1 - case.rate * float(end)) for end in ends)
    return 1.0 if slowest <= LEFT else math.ceil(math.log(LEFT) / math.log(slowest)) if slowest < 1 else math.inf


def _edge(case: Case) -> float:
    """The step size over 2/λ_max, the largest at which the tangent model is stable."""
    return float(case.rate * torch.linalg.eigvalsh(case.kernel)[-1] / 2)


def _steps(case: Case) -> float:
    """After how many steps the tangent model has `LEFT` of its residual."""
    _eigenvalues(case)
    values, vectors = torch.linalg.eigh(case.kernel)
    coordinates, goal = case.gap @ vectors, LEFT * case.gap.norm()
    if _edge(case) >= 1:
        raise DiagnosisError("the tangent model diverges at this step size")

    def enough(k: int) -> bool:
        return bool((coordinates * (1 - case.rate * values) ** k).norm() <= goal)

    high = 1
    while not enough(high):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)


def _rank(case: Case) -> float:
    """1 where the features of the last layer have full row rank at the start, 0 where not: proved."""
    from lazy_assay.sims.rank import RankVerdict, certified_rank

    found = certified_rank(case.module, case.recipe.x, effort=1.0)
    if found.verdict == RankVerdict.NONE:
        raise DiagnosisError(found.reason)
    return float(found.verdict == RankVerdict.FULL)


def _optimality(case: Case) -> float:
    """φ(ρ_T) − inf φ at most, for weight decay (decay/2)‖w‖² beside half the square summed over outputs."""
    from lazy_assay.sims.optimality import network, optimality_gap

    width = len(network.read(case.end)[0].theta)
    if case.decay is None:
        raise DiagnosisError("without weight decay the best network is not enclosed: give decay=")
    found = optimality_gap(
        case.end, case.exact.x, case.exact.y, lambda_u=case.decay / width, lambda_theta=case.decay * width,
        tolerance=1e-3, boxes=20_000,
    )  # fmt: skip
    return float(found.gap)


MEASURES: dict[str, Callable[[Case], float]] = {
    "departure": departure,
    "kappa": _kappa,
    "kernel change": _kernel_change,
    "linearisation error": _linearisation,
    "mask flips": _flips,
    "dead units": lambda case: dead(case.masks, len(case.exact.x)),
    "alignment before": lambda case: _alignment(case, case.kernel),
    "alignment after": lambda case: _alignment(case, case.last_kernel),
    "residual left": lambda case: _size(case, case.at(case.end) - case.exact.y.flatten()),
    "distance to the limit": _distance,
    **{f"size of {name}": _part(name) for name in PARTS},
    **{f"share of {name}": _share(name) for name in PARTS},
    "held-out departure": _held_out_departure,
    "held-out distance to the limit": lambda case: _held_out(case, _total(case.parts_held_out)),
    **{f"held-out share of {name}": _held_out_share(name) for name in PARTS},
    "step over the largest stable": _edge,
    "condition number": _condition,
    "condition number at most": _condition_at_most,
    "steps to one percent": _steps,
    "steps to one percent at most": _steps_at_most,
    "full rank": _rank,
    "optimality gap": _optimality,
}
