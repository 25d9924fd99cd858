"""What a figure's points keep of their draws for the nights to come."""

from collections.abc import Callable

import numpy as np
import pytest

from lazy_assay.checks import Route
from lazy_assay.checks.procedures.figures import _drawn
from lazy_assay.checks.procedures.kept import with_earlier
from lazy_assay.checks.statistics.signs import kept_mean
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.result import Result, Subject, Verdict
from lazy_assay.theory import Limit

ROUTE = Route(name="risks", simulate=lambda: None, bounds=(0.0, 1.0))


def test_risks_are_kept_with_their_range_and_rounding_puts_them_back_on_its_edge() -> None:
    told = _drawn._kept(np.array([0.25, 1 + 1e-12]), ROUTE, 1e-9)
    assert told["draws count"] == 2
    assert told["draws mean"] == pytest.approx(0.625)
    assert (told["draws low"], told["draws high"], told["draws side"]) == (0, 1, 0)


@pytest.mark.parametrize("risk", [1.5, -0.1, np.nan])
def test_a_risk_that_left_its_range_leaves_nothing_to_keep(risk: float) -> None:
    assert _drawn._kept(np.array([0.25, risk]), ROUTE, 1e-9) == {}


@pytest.fixture
def stage(context: Callable[..., Context], part: Limit) -> Callable[..., Result]:
    """A result with the figures of some draws in [0, 1] and one more."""

    def make(verdict: Verdict, *draws: float) -> Result:
        figures = {"published": 0.5} | kept_mean(np.array(draws), 0.0, 1.0, "both")
        facts = {"check": "points", "subject": Subject.CLAIM, "configuration": {}, "route": "risks"}
        return context().result(part, verdict=verdict, figures=figures, **facts)

    return make


def test_a_confirmation_is_kept_with_its_search_whichever_of_them_is_told(stage: Callable[..., Result]) -> None:
    search, again = stage(Verdict.UNDECIDED, 0.0, 0.5), stage(Verdict.AGREES, 1.0, 1.0)
    for told in (again, search):
        found = with_earlier(again, search, told=told)
        assert (found.verdict, found.figures["published"]) == (told.verdict, 0.5)
        assert (found.figures["draws count"], found.figures["draws mean"]) == (4, 0.625)


def test_where_a_stage_kept_none_the_night_keeps_none(stage: Callable[..., Result]) -> None:
    found = with_earlier(stage(Verdict.AGREES, 0.5, 0.6), stage(Verdict.UNDECIDED, 0.5, 1.5))
    assert found.figures == {"published": 0.5}
