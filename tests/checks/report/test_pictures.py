from __future__ import annotations

import math
import re
from typing import Any

import pytest
import sympy as sp

from lazy_assay.checks.report import _math, _numbers, _rows
from lazy_assay.checks.report.pictures import curves, discrepancy, svg
from lazy_assay.theory._mathematics.matrices import MatrixExponential, entry


def rows(data: Any, claim: str, subject: str = "claim") -> list[Any]:
    return [row for row in data["results"] if row["claim"] == claim and row["subject"] == subject]


def test_results_that_differ_in_one_size_make_one_sweep_with_all_routes(data: Any) -> None:
    shown = _rows.evidence(rows(data, "fake2024.theorem1"))
    (sweep,) = curves.sweeps(shown)
    assert sweep.key == "N"
    assert sweep.values == [4, 8, 16, 24, 30]
    assert sorted(sweep.by_route()) == ["exact oracle", "normal equations", "one-pass SGD"]
    assert sweep.fixed == {"d": 32, "B": "exponential:3"}


def test_two_values_make_no_sweep(data: Any) -> None:
    shown = [row for row in _rows.evidence(rows(data, "fake2024.theorem1")) if row["configuration"]["N"] in (4, 8)]
    assert curves.sweeps(shown) == []


def test_the_published_limit_is_drawn_densely_where_arrays_can_be_made(data: Any, lookup: Any) -> None:
    claim = lookup("fake2024.theorem1")
    (sweep,) = curves.sweeps(_rows.evidence(rows(data, claim.id)))
    curve = curves.limit_curve(claim.parts[0], sweep)
    assert [x for x, _ in curve] == [float(n) for n in range(4, 31)]
    assert curve[12][1] == pytest.approx(claim.predict(rho=0.5))


def test_a_part_without_a_limit_has_the_line_through_its_predictions_only(data: Any) -> None:
    (sweep,) = curves.sweeps(_rows.evidence(rows(data, "fake2024.theorem1")))
    assert curves.limit_curve(None, sweep) == []
    assert "prediction at this size" in [meaning for _, meaning in curves.draw(sweep, None).legend]


def test_simulated_results_outrank_exact_ones_as_evidence(data: Any) -> None:
    assert all(row["trials"] for row in _rows.evidence(rows(data, "fake2024.theorem1")))


def test_a_discrepancy_off_the_axis_is_told_as_a_number(data: Any) -> None:
    figure = discrepancy.draw(_rows.evidence(rows(data, "fake2024.eq6")), side="below")
    assert figure is not None
    assert "◀ −108" in figure.picture


def test_values_over_more_than_two_decades_get_a_logarithmic_axis() -> None:
    assert svg.Scale.over([1, 1000], 0, 100).log
    assert not svg.Scale.over([1, 50], 0, 100).log
    assert not svg.Scale.over([-1, 1000], 0, 100).log


@pytest.mark.parametrize("values", [[0.0], [0.3, 0.3], [1e-12, 3e-12], [-1e9, 5e9], [1e-8, 1e3]])
def test_every_axis_has_ticks_inside_its_range(values: list[float]) -> None:
    scale = svg.Scale.over(values, 0, 100)
    assert 1 <= len(scale.ticks()) <= 12
    assert all(scale.low <= tick <= scale.high for tick in scale.ticks())


def test_a_picture_tells_what_it_shows_and_keeps_its_words_as_text() -> None:
    drawn = svg.picture(40, "a <title>", "what it shows", svg.text(0, 0, "x & y"))
    assert 'role="img"' in drawn
    assert "<title>a &lt;title&gt;</title>" in drawn
    assert "<desc>what it shows</desc>" in drawn
    assert ">x &amp; y</text>" in drawn


@pytest.mark.parametrize(
    "value, words",
    [
        (1e-6, "10⁻⁶"), (-0.00123456, "−0.00123"), (1234, "1234"), (math.nan, "none"), ("-inf", "−∞"), (0.0, "0"),
        (9.9996e-4, "0.001"), (3.2e-9, "3.2·10⁻⁹"), (12345.678, "12346"),
    ],
)  # fmt: skip
def test_a_number_reads_as_a_reader_wants_it(value: Any, words: str) -> None:
    assert _numbers.number(value) == words


def test_numbers_go_as_far_as_the_second_digit_of_their_spread() -> None:
    assert _numbers.aligned([0.5012345, 0.4981, 0.5043], 0.0031) == ["0.5012", "0.4981", "0.5043"]
    assert _numbers.aligned([1.2345e-9, math.inf], 1.1e-11) == ["1.234·10⁻⁹", "∞"]
    assert _numbers.aligned([0.25, 0.25], 0.0) == ["0.25", "0.25"]


def test_names_of_functions_keep_their_case_and_signs_are_escaped() -> None:
    rho = sp.Symbol("rho")
    text = _math.mathml(sp.Lt(sp.Function("R_NT")(rho), sp.Symbol("a<b")))
    assert "<msub><mi>R</mi><mi>NT</mi></msub>" in text
    assert "<mo>&lt;</mo>" in text
    assert "a&lt;b" in text


def test_orders_traces_and_cases_read_as_mathematicians_write_them() -> None:
    d = sp.Symbol("d", positive=True)
    assert re.sub(r"<[^>]+>", "", _math.mathml(sp.O(1 / d, (d, sp.oo)))) == "O(1d)"
    assert ">tr<" in _math.mathml(sp.Trace(sp.MatrixSymbol("B", 2, 2)))
    product = sp.MatrixSymbol("k", 1, 2) * sp.MatrixSymbol("y", 2, 1)
    assert re.sub(r"<[^>]+>", "", _math.mathml(entry(product))).replace("\u2062", "") == "ky"
    assert ">exp<" in _math.mathml(MatrixExponential(sp.MatrixSymbol("B", 2, 2)))
    assert "otherwise" in _math.mathml(sp.Piecewise((1, d > 1), (0, True)))
