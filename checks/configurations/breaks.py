"""Where an assumption is broken: drawn from a part's whole domain, for what the theorem refuses there."""

from __future__ import annotations

from lazy_assay.checks.configurations.points import Point, points_of
from lazy_assay.theory import Assumption, Part
from lazy_assay.theory._prediction import Formula, arguments


def breaks(part: Part, assumption: Assumption, formula: Formula, *, key: int = 0, count: int = 200) -> list[Point]:
    """Points of the domain that break an assumption, with every argument of `formula`; none where none is drawn.

    Other required assumptions hold at these points, so that what is refused is refused for this one.
    """
    names = tuple(dict.fromkeys((*arguments(formula), *arguments(assumption.holds))))
    others = [it for it in part.assumptions if it.required and it is not assumption]
    return [
        point
        for point in points_of(part, names, key=key, count=count)
        if not _holds(assumption, point) and all(_holds(it, point) for it in others if _known(it, point))
    ]


def telling(part: Part, assumption: Assumption) -> Formula | None:
    """The part's formula that knows whether an assumption holds: every argument of the one is one of the other."""
    formulas = (part.finite, part.published)
    return next((it for it in formulas if it and set(arguments(assumption.holds)) <= set(arguments(it))), None)


def _holds(assumption: Assumption, point: Point) -> bool:
    return assumption.holds(**{name: point[name] for name in arguments(assumption.holds)})


def _known(assumption: Assumption, point: Point) -> bool:
    return set(arguments(assumption.holds)) <= set(point)
