from __future__ import annotations

import math
import re
from typing import Any

import pytest
import sympy as sp
from markupsafe import Markup

from lazy_assay.checks.procedures.exponents import AT
from lazy_assay.checks.report import _evidence, _numbers, _power, _rows, notation
from lazy_assay.checks.report.pictures import canvas, curves, forest, nights, pictures, sweeps
from lazy_assay.theory._mathematics.matrices import MatrixExponential, entry
from lazy_assay.theory._notation import expression


def rows(data: Any, claim: str, subject: str = "claim") -> list[Any]:
    return [row for row in data["results"] if row["claim"] == claim and row["subject"] == subject]


def test_results_that_differ_in_one_size_make_one_sweep_with_all_routes(data: Any) -> None:
    shown = _rows.evidence(rows(data, "fake2024.theorem1"))
    (sweep,) = sweeps.sweeps(shown)
    assert sweep.key == "N"
    assert sweep.values == [4, 8, 16, 24, 30]
    assert sorted(sweep.by_route()) == ["exact oracle", "normal equations", "one-pass SGD"]
    assert sweep.fixed == {"d": 32, "B": "exponential:3"}


def test_two_values_make_no_sweep(data: Any) -> None:
    shown = [row for row in _rows.evidence(rows(data, "fake2024.theorem1")) if row["configuration"]["N"] in (4, 8)]
    assert sweeps.sweeps(shown) == []


def test_the_published_limit_is_drawn_densely_where_arrays_can_be_made(data: Any, lookup: Any) -> None:
    claim = lookup("fake2024.theorem1")
    (sweep,) = sweeps.sweeps(_rows.evidence(rows(data, claim.id)))
    curve = sweeps.limit_curve(claim.parts[0], sweep)
    assert [x for x, _ in curve][:2] == [4.0, 8.0]
    assert dict(curve)[16.0] == pytest.approx(claim.predict(rho=0.5))
    assert dict(sweeps.printed_curve(claim.parts[0], sweep))[16.0] == pytest.approx(0.5)


def test_a_part_without_a_limit_has_the_line_through_its_predictions_only(data: Any) -> None:
    (sweep,) = sweeps.sweeps(_rows.evidence(rows(data, "fake2024.theorem1")))
    assert sweeps.limit_curve(None, sweep) == []
    assert "prediction at this size" in [meaning for *_, meaning in curves.swept(sweep, None, "here").legend]


def test_a_sweep_of_a_bound_says_on_which_side_the_quantity_may_lie(data: Any) -> None:
    (sweep,) = sweeps.sweeps(_rows.evidence(rows(data, "fake2024.theorem1")))
    part = type("Part", (), {
        "allowed_side": "below", "declared": {}, "quantity": type("Q", (), {"meaning": "risk"}), "published": None,
        "printed": None, "limit_of": None, "finite": None,
    })()  # fmt: skip
    told = [meaning for *_, meaning in curves.swept(sweep, part, "here").legend]
    assert "the bound at this size: the quantity may lie below it" in told


def test_what_would_be_noticed_counts_exact_comparisons_beside_simulated_ones(data: Any) -> None:
    simulated = rows(data, "fake2024.theorem1")[0] | {
        "check": "upper bound",
        "trials": 64,
        "tolerance": {},
        "subject": "claim",
    }
    loose = simulated | {"predicted": 1.0, "estimate": 0.1, "interval": [0.09, 0.11], "resolution": 0.01}
    attained = loose | {"check": "one step", "trials": 1, "estimate": 1.0, "interval": [1.0, 1.0], "resolution": 0.0}
    told = _rows.confronted([loose, attained, attained | {"check": "chain"}])
    assert told == [loose, attained]
    found = _evidence.caught(told, "m", "below")
    assert found is not None
    assert found.share == 0
    power = _power.measured(told, type("Part", (), {"allowed_side": "below"})())
    assert power is not None
    assert (power.count, power.noticed) == (2, (1, 1, 1))


def test_simulated_results_outrank_exact_ones_as_evidence(data: Any) -> None:
    assert all(row["trials"] for row in _rows.evidence(rows(data, "fake2024.theorem1")))


def test_a_discrepancy_off_the_axis_is_told_as_a_number(data: Any) -> None:
    figure = forest.discrepancies(_rows.evidence(rows(data, "fake2024.eq6")), "both", "here")
    assert "◀ −108" in figure.svg
    assert "text" not in figure.thumbnail


def test_a_bound_shows_the_share_of_it_that_is_reached_the_nearest_first(data: Any) -> None:
    shown = _rows.evidence(rows(data, "fake2024.eq6"))
    figure = forest.discrepancies(shown, "below", "here")
    assert "estimate / bound" in figure.svg
    assert figure.caption.startswith("What is estimated as a share of its bound.")
    named = re.findall(r"N = (\d+)", figure.svg)
    assert named == ["9", "6", "2"]


def test_what_is_printed_stands_first_where_no_curve_shows_it(data: Any) -> None:
    wrong = rows(data, "fake2024.theorem1", "as_printed")
    shown = [row for row in _rows.evidence(rows(data, "fake2024.theorem1")) if row["configuration"]["d"] == 12]
    drawn, _ = pictures(None, shown, [], "", "here", wrong=wrong)
    assert "as printed: d = 32" in drawn[0].svg
    assert "the printed formula" in [meaning for *_, meaning in drawn[0].legend]
    assert "as printed" not in pictures(None, shown, [], "", "here")[0][0].svg


def test_a_series_of_its_own_stands_where_its_sizes_are(data: Any) -> None:
    row = {**data["results"][0], "check": "slope", "predicted": -0.5, "estimate": -0.51}
    row["figures"] = {f"{AT}{n}": -0.5 * math.log(n) for n in (8, 16, 32)}
    alone, twice = curves.rate([row], None, "here"), curves.rate([row, row], None, "here")
    assert alone is not None
    assert twice is not None
    first, both = (re.findall(r'<use [^>]*x="([-\d.]+)"', picture.svg) for picture in (alone, twice))
    assert first
    assert set(first) == set(both)


@pytest.mark.parametrize("side, reach", [("both", "where the slope may lie"), ("below", "it may be steeper")])
def test_the_band_of_a_rate_says_what_else_the_slope_may_be(data: Any, side: str, reach: str) -> None:
    row = {**data["results"][0], "check": "slope", "predicted": -0.5, "estimate": -0.9}
    row["figures"] = {f"{AT}{n}": -0.9 * math.log(n) for n in (8, 16, 32)}
    part = type("Part", (), {"allowed_side": side, "declared": {}, "quantity": type("Q", (), {"meaning": "error"})})()
    drawn = curves.rate([row], part, "here", [{**row, "predicted": -0.25}])
    assert drawn is not None
    told = [meaning for *_, meaning in drawn.legend]
    assert any(meaning.endswith(reach) for meaning in told)
    assert "as printed: slope −0.25" in told


def filled(values: list[float]) -> tuple[Markup, Markup, list[Any]]:
    seen: list[Any] = []

    def fill(panel: Any) -> None:
        canvas.span(panel, "x", [0, 1])
        canvas.span(panel, "y", values)
        panel.set_xlabel("x & $y")
        seen.extend([panel.get_yscale(), panel.get_ylim(), list(panel.get_yticks())])

    drawn = canvas.draw("here", ("a <title>", "what it shows"), ((60, 400, 40, 200),), fill)
    return drawn.svg, drawn.thumbnail, seen


@pytest.mark.parametrize(
    "values, scale", [([1, 1000], "log"), ([1, 50], "linear"), ([-1, 1000], "linear"), ([0.0], "linear")]
)
def test_values_over_more_than_two_decades_get_a_logarithmic_axis(values: list[float], scale: str) -> None:
    assert filled(values)[2][0] == scale


@pytest.mark.parametrize("values", [[0.0], [0.3, 0.3], [1e-12, 3e-12], [-1e9, 5e9], [1e-8, 1e3], [1e-150, 1e150]])
def test_every_axis_has_a_few_ticks_inside_its_range(values: list[float]) -> None:
    *_, (_, (low, high), ticks) = filled(values)
    assert low < min(values) <= max(values) < high
    assert 1 <= len([tick for tick in ticks if low <= tick <= high]) <= 12


def test_a_picture_tells_what_it_shows_keeps_words_as_text_and_takes_its_colours_from_the_page() -> None:
    drawn, thumbnail, _ = filled([0, 1])
    assert 'role="img"' in drawn
    assert "<title>a &lt;title&gt;</title><desc>what it shows</desc>" in drawn
    assert ">x &amp; $y</text>" in drawn
    assert not re.search("#[0-9a-f]{6}", re.sub('href="[^"]+"', "", drawn))
    assert "var(--quiet)" in drawn
    assert 'aria-hidden="true"' in thumbnail


def test_the_points_of_a_rate_are_drawn_where_results_have_them(data: Any) -> None:
    row = {**data["results"][0], "check": "slope", "predicted": -0.5, "estimate": -0.51}
    assert curves.rate([row], None, "here") is None
    row["figures"] = {f"{AT}{n}": -0.5 * math.log(n) for n in (8, 16, 32)}
    found = curves.sizes(row)
    assert [size for size, _ in found] == [8, 16, 32]
    assert [value for _, value in found] == pytest.approx([n**-0.5 for n in (8, 16, 32)])
    drawn, hidden = pictures(None, [row], [], "", "here")
    assert "slope −0.51, claimed −0.5" in drawn[0].legend[0][2]
    assert (len(drawn), hidden) == (1, 0)


def test_certificates_are_counted_by_kind_and_what_must_fail_apart(data: Any) -> None:
    proof = {**data["results"][0], "method": "certificate", "case": "tanh"}
    wrong = {**proof, "subject": "decoy", "decoy": "linear", "verdict": "DISAGREES"}
    figure = forest.certificates([proof, proof, {**proof, "verdict": "UNDECIDED"}, wrong], "here")
    assert "tanh, exact oracle: proved 2 of 3" in figure.svg
    assert "must fail: linear: disproved 1 of 1" in figure.svg


def test_a_frame_of_risks_is_drawn_against_neurons_per_dimension(data: Any) -> None:
    points = [{**row, "check": "points", "figures": {"published": 0.5}} for row in data["results"][:15]]
    found, _ = pictures(None, points, [], "", "here")
    assert found[0].caption.startswith("The figure, drawn again: risk against neurons per dimension, N/d.")
    assert len(found) == 1


def test_a_trained_point_of_such_a_frame_stands_at_its_width_not_at_its_steps(data: Any) -> None:
    points = [{**row, "check": "points"} for row in data["results"][:5]]
    points += [{**row, "route": "SGD", "configuration": {**row["configuration"], "steps": 2000}} for row in points]
    (found,), _ = pictures(None, points, [], "", "here")
    assert "neurons per dimension" in found.svg
    assert ">1000<" not in found.svg
    widest = [{**row, "configuration": {**row["configuration"], "N": 8, "steps": 2**k}} for k, row in enumerate(points)]
    assert "steps of training" in pictures(None, widest, [], "", "here")[0][0].caption


def test_the_papers_own_effects_stand_below_this_runs(data: Any) -> None:
    bare = rows(data, "fake2024.figure1")
    figure = forest.effects(bare, "smallest effect of interest", "m", "here", [("June", 0.2, 0.1, 0.3)])
    assert "the paper: June" in figure.svg
    assert [meaning for *_, meaning in figure.legend][1] == "smallest effect of interest"


@pytest.mark.parametrize(
    "side, predicted, noticed", [("both", 1.0, (1, 1, 0)), ("below", 1.0, (1, 1, 0)), ("above", 1.0, (1, 1, 0)),
                                 ("both", -1.0, (1, 1, 0))]
)  # fmt: skip
def test_a_mistake_is_noticed_where_the_interval_excludes_it(
    data: Any, side: str, predicted: float, noticed: tuple[int, ...]
) -> None:
    row = {**data["results"][0], "predicted": predicted, "interval": [predicted - 0.05, predicted + 0.05]}
    part = type("Part", (), {"allowed_side": side})()
    power = _power.measured([row], part)
    assert power is not None
    assert (power.count, power.noticed) == (1, noticed)


def test_a_bound_that_only_gets_weaker_is_no_mistake_that_it_notices(data: Any) -> None:
    row = {**data["results"][0], "predicted": 1.0, "interval": [0.1, 0.2]}
    power = _power.measured([row], type("Part", (), {"allowed_side": "below"})())
    assert power is not None
    assert power.noticed == (0, 0, 0)


@pytest.mark.parametrize(
    "side, interval, share", [("below", [0.1, 0.2], 0.9), ("above", [1.4, 1.5], 0.5), ("both", [0.9, 1.1], 0.02)]
)
def test_a_loose_inequality_hides_every_error_smaller_than_its_distance(
    data: Any, side: str, interval: list[float], share: float
) -> None:
    tolerance = dict.fromkeys(data["results"][0]["tolerance"], 0.0)
    row = {**data["results"][0], "predicted": 1.0, "interval": interval, "tolerance": tolerance, "resolution": 0.02}
    told = _evidence.caught([row], "m", side)
    assert told is not None
    assert told.share == pytest.approx(share)


def test_a_comparison_over_nights_shows_when_its_change_began() -> None:
    drawn = nights.over_nights([0.0, 0.1, 0.3], [0.05] * 3, 0.02, (1, 2), ["2026-11-01", "2026-11-03"], "risk")
    assert "3 nights; the change began between night 2 and 3" in drawn
    assert "2026-11-01 to 2026-11-03" in drawn


@pytest.mark.parametrize(
    "value, words",
    [
        (1e-6, "10⁻⁶"), (-0.00123456, "−0.00123"), (1234, "1234"), (math.nan, "none"), ("-inf", "−∞"), (0.0, "0"),
        (9.9996e-4, "0.001"), (3.2e-9, "3.2·10⁻⁹"), (12345.678, "12346"),
    ],
)  # fmt: skip
def test_a_number_reads_as_a_reader_wants_it(value: Any, words: str) -> None:
    assert _numbers.number(value) == words


def test_a_configuration_has_the_papers_letters_and_in_a_picture_words_that_speak_for_themselves() -> None:
    items = {"Gamma": "linear", "lambda_theta": 0.5, "step_size": 2, "activation": "relu", "d": 3}
    assert _numbers.configuration(items, ["d"]) == "Γ = linear, λ_θ = 0.5, step size = 2, activation = relu"
    assert _numbers.configuration(items, short=True) == "Γ = linear, λ_θ = 0.5, step size = 2, relu, d = 3"


def test_numbers_go_as_far_as_the_second_digit_of_their_spread() -> None:
    assert _numbers.aligned([0.5012345, 0.4981, 0.5043], 0.0031) == ["0.5012", "0.4981", "0.5043"]
    assert _numbers.aligned([1.2345e-9, math.inf], 1.1e-11) == ["1.234·10⁻⁹", "∞"]
    assert _numbers.aligned([0.25, 0.25], 0.0) == ["0.25", "0.25"]


def typeset(formula: sp.Basic) -> str:
    return str(notation.typeset(expression(formula, {})))


def test_names_of_functions_keep_their_case_and_signs_are_escaped() -> None:
    text = typeset(sp.Lt(sp.Function("R_NT")(sp.Symbol("rho")), sp.Symbol("a<b")))
    assert "<mi>R</mi>" in text
    assert "<mi>NT</mi>" in text
    assert text.count("<mo>&lt;</mo>") == 2


def test_orders_traces_and_cases_read_as_mathematicians_write_them() -> None:
    d = sp.Symbol("d", positive=True)
    assert re.sub(r"<[^>]+>", "", typeset(sp.O(1 / d, (d, sp.oo)))) == "O(1d)"
    assert ">Tr<" in typeset(sp.Trace(sp.MatrixSymbol("B", 2, 2)))
    product = sp.MatrixSymbol("k", 1, 2) * sp.MatrixSymbol("y", 2, 1)
    assert re.sub(r"<[^>]+>", "", typeset(entry(product))) == "ky"
    assert ">exp<" in typeset(MatrixExponential(sp.MatrixSymbol("B", 2, 2)))
    assert "otherwise" in typeset(sp.Piecewise((1, d > 1), (0, True)))
