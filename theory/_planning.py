"""How large a network a claim asks for, the smallest size at which its prediction is within a target; and the inverse
question, what it predicts at a size.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from lazy_assay.theory._parameter import InvalidParameterError

SIZE_AT_MOST = 2**40


class PlanError(ValueError):
    """No size can be planned; one line that says why."""


@dataclass(frozen=True)
class Plan:
    """The smallest size within the target, what is predicted there and one below, and what that rests on.

    before: the prediction at size - 1; None where the size is the least that the formula takes, or was given. target:
    None where the size was given. formula: which one of the claim's. assumed: the part's assumptions, in the paper's
    words.
    """

    claim: str
    part: str
    name: str
    size: int
    predicted: float
    before: float | None
    target: float | None
    formula: str
    sentence: str
    assumed: tuple[str, ...]

    def __str__(self) -> str:
        before = "" if self.before is None else f"; {self.before:.6g} at {self.name} = {self.size - 1}"
        assumed = f" Assumed: {'; '.join(self.assumed)}." if self.assumed else ""
        part = f", part {self.part}" if self.part else ""
        within = "" if self.target is None else f" <= {self.target:g}"
        return (
            f"{self.name} = {self.size}: {self.predicted:.6g}{within}{before}, by the {self.formula} of"
            f" {self.claim}{part}: {self.sentence}{assumed}"
        )


def plan(
    claim: str,
    target: float | None = None,
    *,
    at: int | None = None,
    size: str = "N",
    part: str = "",
    limit: bool = False,
    **parameters: Any,
) -> Plan:
    """The smallest `size` (neurons, features, samples) at which a claim's prediction is at most `target`.

    By the finite-size formula, or by the published one (`limit`) where that takes the size. parameters: all others, by
    the claim's names. The prediction must fall as the size grows: where it is seen to rise, and where no size up to
    2^40 is enough, PlanError says so. Raises InvalidParameterError as `predict` does. With `at=` in the place of a
    target, the inverse question: what is predicted at that size.
    """
    from lazy_assay.theory import claim as claim_of

    stated = claim_of(claim)
    call, formula = ("predict", "published formula") if limit else ("predict_finite", "finite-size formula")
    _refuse(target, at)

    def told(n: int, before: float | None = None) -> Plan:
        answer = stated.answer(call, {**parameters, size: n}, part)
        assumed = tuple(it.sentence for it in answer.part.assumptions)
        return Plan(
            claim=stated.id, part=answer.part.name, name=size, size=n, predicted=float(answer.value), before=before,
            target=target, formula=formula, sentence=answer.part.sentence, assumed=assumed,
        )  # fmt: skip

    if target is None:
        return told(at or 0)
    seen: dict[int, float] = {}

    def predicted(n: int) -> float:
        if n not in seen:
            seen[n] = float(stated.answer(call, {**parameters, size: n}, part).value)
        return seen[n]

    least = _least(predicted)
    found = _smallest(predicted, least, target)
    before = predicted(found - 1) if found > least else None
    _refuse_rising(seen, size)
    return told(found, before)


def _refuse(target: float | None, at: int | None) -> None:
    if (target is None) == (at is None):
        raise PlanError("give a target, or at= a size: one of the two")
    if target is not None and not math.isfinite(target):
        raise PlanError(f"the target must be a finite number, got {target!r}")
    if at is not None and (isinstance(at, bool) or not isinstance(at, int) or at < 1):
        raise PlanError(f"at={at!r}: a whole positive number")


def _least(at: Callable[[int], float]) -> int:
    """The least size that the formula takes, of 1, 2, 4, …; its own refusal where it takes none of them."""
    for n in (1, 2, 3, 4, 8, 16, 32):
        try:
            at(n)
        except InvalidParameterError:
            continue
        return n
    at(64)
    return 64


def _smallest(at: Callable[[int], float], least: int, target: float) -> int:
    low, high = least - 1, least
    while not at(high) <= target:
        low, high = high, 2 * high
        if high > SIZE_AT_MOST:
            raise PlanError(f"{at(low):.6g} is predicted at {low} still, above the target of {target:g}")
        try:
            at(high)
        except InvalidParameterError as error:
            raise PlanError(f"{at(low):.6g} at {low} is above the target of {target:g}, and then: {error}") from error
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if at(middle) <= target else (middle, high)
    return high


def _refuse_rising(seen: dict[int, float], size: str) -> None:
    ordered = sorted(seen.items())
    for (n, value), (other, further) in pairwise(ordered):
        if further > value * (1 + 1e-9) + 1e-12:
            raise PlanError(
                f"the prediction rises from {value:.6g} at {size} = {n} to {further:.6g} at {other}: no plan"
            )
