from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from lazy_assay import expect
from lazy_assay.checks.statistics.sequence import Array


def uniform(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).random(n)


def judged(case: object = None) -> expect.Outcome:
    return expect.mean(uniform, equals=0.5, resolution=0.1, bounds=(0, 1), case=case)


def test_the_levels_of_a_place_sum_to_its_share_however_often_it_is_reached() -> None:
    with expect.Session(false_alarm=0.01, checks=5) as session:
        session.begin("test")
        levels = [judged().level for _ in range(40)]
    assert levels == sorted(levels, reverse=True)
    assert sum(levels) < 0.01 / 5
    assert sum(levels) == pytest.approx(0.01 / 5 * (1 - 1 / 41))


def test_what_ran_before_changes_no_level_and_no_seed() -> None:
    answers = []
    for order in (("a", "b", "c"), ("c", "b"), ("b",)):
        with expect.Session() as session:
            for node in order:
                session.begin(node)
                outcome = judged()
                if node == "b":
                    answers.append(outcome)
    assert answers[0] == answers[1] == answers[2]


def test_a_test_that_runs_again_gets_the_same_answers() -> None:
    with expect.Session() as session:
        answers = []
        for _ in range(2):
            session.begin("test")
            answers.append([judged() for _ in range(3)])
    assert answers[0] == answers[1]


def test_cases_are_told_apart_by_what_they_are() -> None:
    with expect.Session() as session:
        session.begin("test")
        one, two, again = judged((1, "x")), judged((2, "x")), judged((1, "x"))
    assert one == again
    assert one.observed != two.observed
    assert two.level < one.level


def test_entropy_changes_the_draws_and_not_the_level() -> None:
    outcomes = []
    for entropy in (0, 1):
        with expect.Session(entropy=entropy) as session:
            session.begin("test")
            outcomes.append(judged())
    assert outcomes[0].level == outcomes[1].level
    assert outcomes[0].observed != outcomes[1].observed


def test_more_checks_than_declared_are_refused() -> None:
    with expect.Session(checks=2) as session:
        for node in ("a", "b"):
            session.begin(node)
            judged()
        session.begin("c")
        with pytest.raises(expect.Refused, match="check 3 of a session that declares checks=2"):
            judged()
        session.begin("a")
        judged()


def test_a_case_without_a_name_of_its_own_is_refused() -> None:
    with expect.Session(), pytest.raises(expect.Refused, match="does not say what it is"):
        judged(case=object())


@pytest.mark.parametrize(
    "declared", [{"false_alarm": 0}, {"false_alarm": 1.5}, {"miss": 0}, {"checks": 0}, {"budget": 0}]
)
def test_a_declaration_that_is_none_is_refused(declared: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(declared))):
        expect.Session(**declared)  # type: ignore[arg-type]


def test_importing_loads_the_standard_library_alone() -> None:
    heavy = "{'numpy', 'scipy', 'sympy', 'torch', 'hypothesis', 'pytest', 'lazy_assay.theory', 'lazy_assay.sims'}"
    script = f"import sys; from lazy_assay import expect; print(sorted({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"
    script = script.replace("; print", "; expect.mean, expect.law, expect.slope; print")
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert found == "['numpy']\n"
