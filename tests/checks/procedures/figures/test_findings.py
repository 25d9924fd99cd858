from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import sympy as sp

from lazy_assay.checks.procedures.effects import Contrast, Effects
from lazy_assay.checks.procedures.figures import Findings, Options
from lazy_assay.checks.vocabulary.check import Route
from lazy_assay.checks.vocabulary.context import Context
from lazy_assay.checks.vocabulary.profiles import reaches
from lazy_assay.checks.vocabulary.result import Result, Subject
from lazy_assay.theory import Claim, Observation, Paper, Quantity, Source

SOURCE = Source(paper=Paper(key="a", authors="Nobody", title="Numbers", venue="nowhere", year=2026), locator="Figure 1")
WIDER = Observation(
    name="wider", sentence="Wider is better.", quantity=Quantity(symbol=sp.Symbol("D"), meaning="gain in accuracy")
)
CLAIM = Claim(module="theory.a.figure1", title="A figure", source=SOURCE, parts=(WIDER,))


def sides(*, width: int, trials: int, entropy: int, device: str = "cpu", dtype: str = "float64") -> np.ndarray:
    """Both sides of a gain of 2, noisy."""
    noise = np.random.default_rng(entropy).normal(size=(trials, 2)) / width
    return np.array([3.0, 1.0]) + noise


def measured(options: Options) -> tuple[Effects, ...]:
    route = Route(name="sides", simulate=sides)
    there = {"width": options.size}
    contrasts = (
        Contrast("wide beyond narrow", (route, there), None, 1.0),
        Contrast("chance", (route, there), None, 1.0, Subject.CONTROL),
    )
    return (Effects(part="wider", seeds=lambda context: options.draws or 12, contrasts=contrasts),)


FIGURE = Findings(
    claim=CLAIM, title="Accuracy", at=measured, smallest=10, measure="width", flops=lambda options: 1e9 * options.size
)


@pytest.fixture
def found(context: Callable[..., Context]) -> list[Result]:
    (task,) = FIGURE.tasks(Options(size=50, draws=20))
    return task.run(context(simulate={"sides": sides}))


def test_a_finding_is_drawn_and_tabled_with_its_controls(found: list[Result], tmp_path: Path) -> None:
    paths = FIGURE.write(tmp_path, Options(size=50), found, {"figure": CLAIM.id}, "reproduced")
    assert [path.name for path in paths] == ["figure.svg", "figure.png", "points.csv", "points.json"]
    rows = list(csv.DictReader(paths[2].read_text(encoding="utf-8").splitlines()))
    assert [(row["route"], row["subject"], row["seeds"]) for row in rows] == [
        ("wide beyond narrow", "claim", "20"),
        ("chance", "control", "20"),
    ]
    assert [point["route"] for point in json.loads(paths[3].read_text())["points"]] == ["wide beyond narrow", "chance"]
    words = "".join(ElementTree.parse(paths[0]).getroot().itertext())
    assert all(word in words for word in ("Accuracy", "width = 50", "gain in accuracy", "chance"))


def test_what_a_task_found_is_one_line(found: list[Result]) -> None:
    (task,) = FIGURE.tasks(Options(size=50, draws=20))
    told = FIGURE.line(task, found)
    assert "wide beyond narrow 2" in told
    assert "\n" not in told


def test_the_same_results_give_the_same_bytes(found: list[Result], tmp_path: Path) -> None:
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        written.append(FIGURE.write(tmp_path / name, Options(size=50), found, {}, "reproduced")[0].read_bytes())
    assert written[0] == written[1]


def test_a_plan_is_made_of_operations(capsys: pytest.CaptureFixture[str]) -> None:
    lines = FIGURE.plan(Options(size=50), 2)
    assert "a.figure1 at width 50" in lines[0]
    assert "5.00e+10 FLOP" in lines[1]
    assert "on 2" in lines[2]


@pytest.mark.parametrize("text", ["[]", "{}", '{"size": 3, "colour": "red"}'])
def test_options_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="options of a figure"):
        Options.of(text)


def test_options_travel_as_text() -> None:
    options = Options(size=8, draws=4, step_sizes=(0.1, 0.2))
    assert Options.of(options.text) == options


def test_what_decides_in_full_is_decided_in_a_figure_of_any_size() -> None:
    profile = Options(size=50).profile.name
    assert reaches(profile, "full")
    assert not reaches(profile, "nightly")


def test_a_figure_has_seeds_enough_for_an_observation() -> None:
    assert [Options(size=50, draws=draws).seeds(20) for draws in (None, 3, 40)] == [20, 10, 40]
