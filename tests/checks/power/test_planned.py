"""What a stored run would notice, by plan, against what its draws tell."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sympy as sp

from lazy_assay.checks.engine.order import UsageError
from lazy_assay.checks.power.bench import benches
from lazy_assay.checks.power.expressions import Operator
from lazy_assay.checks.power.fates import Fate, Outcome
from lazy_assay.checks.power.measured import measure
from lazy_assay.checks.power.planned import confirmed, plan, why
from lazy_assay.checks.power.reach import Seen
from lazy_assay.checks.power.runs import Cells, Run, per_draw, stored
from lazy_assay.checks.power.table import planted
from lazy_assay.checks.statistics import ErrorRates
from lazy_assay.checks.vocabulary.profiles import PROFILES
from lazy_assay.checks.vocabulary.result import Result, Tolerance, Verdict, to_json
from lazy_assay.theory import Limit, claim

Make = Callable[..., Any]
# A bound with a slack, whose check trains nothing.
CLAIM, PART = "kawaguchi2021.theorem1_gd", "comparator"
DERIVED = "ghorbani2019.eq13"


def ran(id: str, name: str) -> Run:
    """A quick run of one part, as it would be stored."""
    of = claim(id)
    made = benches(of, of.part(name), "quick", 0)
    results = [replace(it, task=bench.task.id, profile="quick") for bench in made for it in bench.straight[0]]
    return Run(PROFILES["quick"], 0, {(id, name): results})


@pytest.mark.parametrize("id, name", [(CLAIM, PART), (DERIVED, "RF")])
def test_where_nothing_is_sampled_a_plan_says_of_every_mistake_what_the_check_says(id: str, name: str) -> None:
    told, found = (
        plan(ran(id, name), claim(id), claim(id).part(name)),
        measure(claim(id), claim(id).part(name), "quick", (0,)),
    )

    def inner(fates: tuple[Fate, ...]) -> Mapping[str, Outcome]:
        return {fate.mutant.name: fate.outcome for fate in fates if fate.mutant.operator is not Operator.WHOLE}

    assert inner(told.fates[0]) == inner(found.fates[0])
    assert told.shares() == found.shares()
    assert told.smallest == pytest.approx(found.smallest)


def test_no_mistake_of_a_stored_run_is_simulated(monkeypatch: pytest.MonkeyPatch) -> None:
    run, of = ran(CLAIM, PART), claim(CLAIM)

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a simulation was run")

    monkeypatch.setattr("lazy_assay.checks.vocabulary.context.run_batch", never)
    assert plan(run, of, of.part(PART)).judged()


def test_a_task_confirms_its_worst_suspects_alone_and_numbers_need_no_confirmation(
    part: Limit, result: Make, monkeypatch: pytest.MonkeyPatch, claim: Make
) -> None:
    monkeypatch.setattr("lazy_assay.checks.power.planned.suspects", lambda id: {"coin.claim/sampled": 2})
    sampled = [
        result(
            task="coin.claim/sampled", method="asymptotic", false_alarm=1e-3, estimate=0.4, resolution=0.01 * wide,
            tolerance=Tolerance(finite_size=1e-3),
        )
        for wide in (3, 1, 2, 4)
    ]  # fmt: skip
    exact = [result(task="coin.claim/exact", method="exact") for _ in range(3)]
    cells = [Seen(part, ErrorRates(), it) for it in (*sampled, *exact)]
    chosen = confirmed(claim(part), dict.fromkeys(cells, 0.1))
    assert [it.result for it in chosen] == [sampled[1], sampled[2], *exact]


def test_a_flipped_inequality_is_held_against_the_comparison_that_has_it_most_strict() -> None:
    # The first anchor is an equality; of one confirmation a task, that one would tell nothing.
    id, name = "fang2021.noisy_descent", "poincare"
    told = plan(ran(id, name), claim(id), claim(id).part(name), whole=True)
    (flipped,) = (fate for fate in told.fates[0] if fate.mutant.operator is Operator.SIDE)
    assert flipped.outcome is Outcome.REFUTED


def test_a_part_that_nothing_simulates_says_so(claim: Make, part: Limit) -> None:
    assert why(Cells(claim(part), part, []), PROFILES["quick"], {}) == "nothing is simulated"


def test_a_part_that_was_not_run_says_so(claim: Make, part: Limit, result: Make) -> None:
    absent: Result = result(verdict=Verdict.NOT_RUN, predicted=float("nan"), estimate=float("nan"))
    assert "NOT_RUN" in why(Cells(claim(part), part, [absent]), PROFILES["quick"], {})


def test_a_spread_takes_a_block_of_draws_for_a_number() -> None:
    of = claim("ghorbani2019.theorem1")
    told = {name: per_draw(of, _named(of.id, name)) for name in ("spread", "finite size")}
    assert told == {"spread": 8, "finite size": 1}


def _named(id: str, check: str) -> Result:
    (told,) = (Result(claim=id, part="concentration", check=check, **_rest()),)
    return told


def _rest() -> dict[str, Any]:
    from lazy_assay.checks.vocabulary.result import Subject

    return {"subject": Subject.CLAIM, "configuration": {}, "route": "", "verdict": Verdict.AGREES}


def test_a_stored_run_is_read_and_a_folder_without_one_refused(result: Make, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no run"):
        stored(tmp_path)
    rows = [to_json(result())]
    (tmp_path / "results.json").write_text(
        json.dumps({"run": {"profile": "quick", "entropy": 5}, "results": rows}), encoding="utf-8"
    )
    run = stored(tmp_path)
    assert (run.profile.name, run.entropy, run.claims) == ("quick", 5, ["coin.claim"])
    assert run.results["coin.claim", ""] == [result()]


def test_a_rate_s_exponent_is_off_by_a_half_and_by_one() -> None:
    of = claim("ghorbani2019.closure")
    name = "neural_tangent"
    told = plan(Run(PROFILES["quick"], 0, {}), of, of.part(name))
    names = {f.mutant.name for f in told.fates[0] if f.mutant.operator is Operator.EXPONENT}
    assert names == {"+0.5", "+1"} or names == {"-0.5", "-1"}
    assert told.shares()["10 %"].refuted == 0
    assert {f.reason for f in told.survivors()} == {"nothing is simulated"}


def test_planted_faults_of_the_page_stay_where_none_are_at_hand() -> None:
    page = "# A page\n\n## Faults planted in simulations\n\n| fault |\n"
    assert planted((), page) == ["", "## Faults planted in simulations", "", "| fault |"]
    assert planted((), "# A page\n") == []


def test_coefficients_of_what_is_no_number_are_left_alone() -> None:
    from lazy_assay.checks.power.expressions import mistakes

    x = sp.Symbol("x")
    told = sp.Function("f")(x, sp.Tuple(x, 2))
    assert all(isinstance(m.expression, sp.Expr) for m in mistakes(told))


def test_of_several_runs_a_claim_is_as_the_last_has_it_and_two_profiles_are_refused(
    result: Make, tmp_path: Path
) -> None:
    def write(name: str, profile: str, *results: Result) -> Path:
        told = {"run": {"profile": profile, "entropy": 5}, "results": [to_json(it) for it in results]}
        (tmp_path / name).mkdir()
        (tmp_path / name / "results.json").write_text(json.dumps(told), encoding="utf-8")
        return tmp_path / name

    one = write("one", "quick", result(), result(part="gone"), result(claim="coin.other"))
    two, full = write("two", "quick", result(estimate=0.3)), write("full", "full", result())
    found = stored(one, two).results
    assert {key: [it.estimate for it in told] for key, told in found.items()} == {
        ("coin.other", ""): [0.41],
        ("coin.claim", ""): [0.3],
    }
    with pytest.raises(UsageError, match="several profiles"):
        stored(one, full)


def test_what_compares_formulas_or_stands_for_no_claim_notices_nothing(result: Make) -> None:
    of = claim(DERIVED)
    exact = result(claim=DERIVED, part="RF", method="exact", task=f"{DERIVED}:RF/statement")
    decoy = replace(exact, subject="decoy", task=f"{DERIVED}:RF/derivation")
    for found in (exact, decoy):
        run = Run(PROFILES["quick"], 0, {(DERIVED, "RF"): [found]})
        assert plan(run, of, of.part("RF"), whole=True).shares()["10 %"].refuted == 0
    right = replace(exact, task=f"{DERIVED}:RF/derivation")
    run = Run(PROFILES["quick"], 0, {(DERIVED, "RF"): [right]})
    assert plan(run, of, of.part("RF"), whole=True).shares()["10 %"].refuted == 2
