"""The chain statement → predict → predict_finite, checked without sampling: a wrong statement cannot hide.

Generated for every part that has a statement and a formula, and more to compare than a symbol with the formula of its
value (`Part.opaque`); no check file asks for it, and no distortion reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lazy_assay.checks.procedures.evaluation import EPSILON
from lazy_assay.checks.procedures.exact import compared
from lazy_assay.checks.procedures.statement import sided, statement
from lazy_assay.checks.vocabulary.check import CHAIN, Task
from lazy_assay.checks.vocabulary.context import Context, Results
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import Choice, Claim, InvalidParameterError, Limit, Part, Rate, materialise
from lazy_assay.theory._prediction import arguments

SIZES = (125, 250, 500, 1000, 2000)
# A prediction for anisotropic weights factors matrices of size d.
ANISOTROPIC_SIZES = (40, 80, 160, 320, 640)
Gaps = Mapping[int, float]


@dataclass(frozen=True, kw_only=True)
class Chain:
    """The sampling-free tasks of one part."""

    part: str

    def tasks(self, claim: Claim) -> Sequence[Task]:
        """Statement against `predict`; for a limit also `predict_finite` against `predict` along growing sizes."""
        part = claim.part(self.part)
        found = []
        # An opaque statement has one formula for both sides: held against itself, it says nothing.
        exact = (part.valued or isinstance(part, Rate)) and part.published is not None and not part.opaque
        if exact and part.statement is not None and sided(part.statement) is not None:
            found.append(Task.algebra(claim, part, "statement", lambda context: statement(context, part)))
        if isinstance(part, Limit) and part.finite is not None and part.limit_of is not None:
            limit = part
            found.append(Task.algebra(claim, part, "approach", lambda context: approach(context, limit)))
        return found


# -- predict_finite against predict ----------------------------------------------------------------------------------


def approach(context: Context, part: Limit) -> Results:
    """`predict_finite` tends to `predict` no slower than stated, along doubling sizes, for every option.

    A path that leaves the range in which the finite form answers is told as out of regime, and at least one must stay.
    """
    results: Results = []
    for index, options in enumerate(_variants(part)):
        # Anisotropic predictions are dear: a quick run takes their ratios in turn, the others take every one.
        turns = context.profile.thorough or not _dear(part, options)
        ratios = part.growth.ratios or (math.nan,)
        for rho in ratios if turns else ratios[index % len(ratios) :][:1]:
            context.guard()
            try:
                gaps = _gaps(part, rho, options)
            except InvalidParameterError as outside:
                results.append(_refused(context, part, rho, options, outside))
                continue
            results.append(_one_approach(context, part, rho, options, gaps))
            results.append(_extrapolated_limit(context, part, rho, options, gaps))
            if part.coefficient is not None and not _dear(part, options):
                results.append(_leading_coefficient(context, part, rho, options, gaps))
    if all(result.verdict is Verdict.OUT_OF_REGIME for result in results):
        where = f"[{context.claim.id}] the finite form of {part.name!r} answers on no path"
        raise InvalidParameterError(f"{where}: {results[0].message}")
    return results


def _refused(
    context: Context, part: Limit, rho: float, options: Mapping[str, str], outside: InvalidParameterError
) -> Result:
    return context.result(
        part,
        check=CHAIN,
        subject=Subject.CLAIM,
        configuration=_along(part, rho, options, ANISOTROPIC_SIZES if _dear(part, options) else SIZES),
        route="approach to the limit",
        verdict=Verdict.OUT_OF_REGIME,
        message=str(outside),
    )


def _variants(part: Part) -> list[dict[str, str]]:
    """Every option of every choice, with all matrices isotropic and with all of them not, where they can be either."""
    assert part.finite is not None
    domains = {name: part.declared[name].domain for name in arguments(part.finite)}
    growing = {name: domain.growing for name, domain in domains.items() if domain.growing}
    ends = [{name: members[end] for name, members in growing.items()} for end in (0, -1)]
    variants = ends if ends[0] != ends[1] else ends[:1]
    for name, domain in domains.items():
        if isinstance(domain, Choice):
            variants = [{**v, name: option} for v in variants for option in domain.options]
    return variants


def _dear(part: Part, options: Mapping[str, str]) -> bool:
    """Whether some matrix is another than the simplest that grows."""
    growing = {name: parameter.domain.growing for name, parameter in part.declared.items()}
    return any(growing[name] and option != growing[name][0] for name, option in options.items())


def _gap(part: Limit, rho: float, options: Mapping[str, str], size: int) -> float:
    assert part.finite is not None
    assert part.published is not None
    assert part.limit_of is not None
    way = {**part.growth.others(size, rho), part.growth.size: size}
    values = materialise({**options, **way}, part.domains, part.relations)
    limit = {**values, **part.limit_of(**{n: values[n] for n in arguments(part.limit_of)})}
    finite = part.finite(**{n: values[n] for n in arguments(part.finite)})
    return float(finite - part.published(**{n: limit[n] for n in arguments(part.published)}))


def _gaps(part: Limit, rho: float, options: Mapping[str, str]) -> Gaps:
    """predict_finite − predict by size, sizes doubling."""
    sizes = ANISOTROPIC_SIZES if _dear(part, options) else SIZES
    return {size: _gap(part, rho, options, size) for size in sizes}


def _along(part: Limit, rho: float, options: Mapping[str, str], sizes: Sequence[int]) -> dict[str, Any]:
    """The path of an approach, as its result shows it."""
    growth = part.growth
    fixed = {growth.ratio: rho} if growth.ratios else dict(growth.others(sizes[0], rho))
    return {**fixed, **options, growth.size: f"{sizes[0]} … {sizes[-1]}"}


def _one_approach(context: Context, part: Limit, rho: float, options: Mapping[str, str], gaps: Gaps) -> Result:
    """The order of d at which the gap closes, from doubling sizes, against the order stated.

    The gap is c/d^p (1 + O(1/d^p)), so local orders log2(gap(d)/gap(2d)) settle geometrically with ratio r = 2^-p: the
    budget is twice what the last one has left to move (`_left_to_move`). A gap at rounding level has closed.
    """
    stated, sizes, left = _order(part), tuple(gaps), tuple(gaps.values())
    floor = 64 * EPSILON * sizes[-1]
    orders = [math.log2(abs(a / b)) for a, b in pairwise(left) if abs(b) > floor]
    closed = len(orders) < 2
    order = math.inf if closed else orders[-1]
    shrink = 2.0**-stated
    budget = 0.0 if closed else 2 * _left_to_move(orders, shrink)
    return compared(
        context,
        part,
        check=CHAIN,
        route="approach to the limit",
        configuration=_along(part, rho, options, sizes),
        predicted=stated,
        estimate=stated if order >= stated else order,
        budget=budget,
        source="twice what the local order has left to move under doubling, from its changes",
        message="" if not closed else "the gap is at rounding level at every size",
    )


def _left_to_move(orders: Sequence[float], shrink: float) -> float:
    """What the last of these local orders is off by: r/(1 − r) times the largest move, to first order.

    Terms of two orders, r and r², may turn the sequence around, and its moves are then small while both are not: where
    three orders are known, what the extrapolation of both says, if that is more.
    """
    first = shrink / (1 - shrink) * max(abs(b - a) for a, b in pairwise(orders))
    extrapolated = list(orders)
    for ratio in (shrink, shrink**2):
        extrapolated = [(b - ratio * a) / (1 - ratio) for a, b in pairwise(extrapolated)]
    return max([first, *(abs(orders[-1] - value) for value in extrapolated[-1:])])


def _extrapolated_limit(context: Context, part: Limit, rho: float, options: Mapping[str, str], gaps: Gaps) -> Result:
    """What is left of the gap at infinite size is zero: Richardson's extrapolation at the stated order.

    Orders alone would miss a gap that changes sign on its way to a constant. The extrapolation of c/d^p + o is o at
    once; terms of higher order make it move, by r = 2^-p as much at each doubling or less, so that r/(1 − r) times the
    last move is left. The budget is twice that, for the last move or what an earlier one leaves of itself (a move may
    be small where terms of two orders cancel).
    """
    sizes, left, shrink = tuple(gaps), tuple(gaps.values()), 2.0 ** -_order(part)
    limits = [(b - shrink * a) / (1 - shrink) for a, b in pairwise(left)]
    moves = [abs(b - a) for a, b in pairwise(limits)]
    leaves = max(move * shrink**age for age, move in enumerate(reversed(moves)))
    return compared(
        context,
        part,
        check=CHAIN,
        route="extrapolated limit",
        configuration=_along(part, rho, options, sizes),
        predicted=0.0,
        estimate=limits[-1],
        budget=2 * shrink / (1 - shrink) * leaves + 64 * EPSILON * sizes[-1],
        source="twice the last moves of Richardson's extrapolation of the gap to infinite size",
    )


def _leading_coefficient(context: Context, part: Limit, rho: float, options: Mapping[str, str], gaps: Gaps) -> Result:
    """d·(predict_finite − predict) tends to the stated coefficient c of c/d: Richardson's extrapolation of two sizes.

    With d·gap = c + e/d + O(1/d²), 2·(2d·gap(2d)) − d·gap(d) is off by O(1/d²), a quarter of that at the next size; the
    budget is twice the extrapolation's last change.
    """
    assert part.coefficient is not None
    scaled = [size * gap for size, gap in gaps.items()]
    extrapolated = [2 * b - a for a, b in pairwise(scaled)]
    # The coefficient is evaluated at the last size's own spectrum, whose traces differ from the limit's by O(1/d).
    earlier, stated = (_coefficient(part, rho, options, size) for size in SIZES[-2:])
    drift = abs(stated - earlier)
    budget = 2 * abs(extrapolated[-1] - extrapolated[-2]) + 2 * drift + 64 * EPSILON * SIZES[-1] ** 2
    return compared(
        context,
        part,
        check=CHAIN,
        route="leading coefficient",
        configuration=_along(part, rho, options, SIZES),
        predicted=float(stated),
        estimate=extrapolated[-1],
        budget=budget,
        source="twice the last change of Richardson's extrapolation, and of the coefficient with the spectrum's size",
    )


def _coefficient(part: Limit, rho: float, options: Mapping[str, str], size: int) -> float:
    assert part.coefficient is not None
    growth = part.growth
    plain = {**options, **growth.others(size, rho), growth.size: size}
    values = {**materialise(plain, part.domains, part.relations), growth.ratio: rho}
    return float(part.coefficient(**{name: values[name] for name in arguments(part.coefficient)}))


def _order(part: Part) -> float:
    """The stated order p of a rate 1/d**p; one where the part states none."""
    if part.rate is None:
        return 1.0
    _, exponent = part.rate.as_base_exp()
    return float(-exponent)
