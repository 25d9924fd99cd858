"""`assay predict` under hostile input: a number that is right, or one line and exit 2; never anything else."""

import gzip
import json
import math
import os
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from lazy_assay import theory
from lazy_assay.checks.configurations.points import points
from lazy_assay.checks.procedures.chain import evaluate
from lazy_assay.theory import Claim, Part
from lazy_assay.theory._prediction import FORMULAS, ROUNDING, accept, arguments

Assay = Callable[..., Any]
OPTIONS = {"predict": [], "predict_finite": ["--finite"], "as_printed": ["--as-printed"]}
# A claim's share of a Hypothesis profile's examples: ten of a hundred.
assert settings.default
EXAMPLES = max(1, settings.default.max_examples // 10)
HOSTILE = (
    "", "0", "-0", "-1", "1", "2", "0.5", "1e400", "-1e400", "nan", "inf", "-inf", "5e-324", "1e-200", "1e200",
    "1.7976931348623157e308", "1e9", "1000000000", str(2**53), str(2**53 + 1), "9" * 400, "9" * 5000, "1e22", "١٢",
    "1_0", "0x10", "relu", "tanh", "RF", "None", "True", "self", "1,2", "1;2", "1,2;", "1,2;3", ",", ";", "1,nan",
    "1,1e200", "1e200,1e200", "1e-200,1e-200", "0,0", "1,0,0", "1,1,1;1,1,1;1,1,1", "1j", "@", "@missing.npy", "@.",
    "@fifo.npy", "@empty.npy", "@terabytes.npy", "@negative.npy", "@truncated.npy", "@pickled.npy", "@packed.npy",
    "@text.npy", "@complex.npy", "@dates.npy", "@nan.npy", "@long.npy", "@single.npy", "@three.npy", "@eye.npy",
    "\udcff", "\n", "-",
)  # fmt: skip
NAMES = ("self", "part", "claim", "given", "regime", "Γ", "__class__", "d", "N", "B", "x y")


def formulas(claim: Claim) -> list[tuple[Part, str]]:
    """Every formula of a claim, by its part and its call."""
    return [(part, call) for part in claim.parts for call in OPTIONS if FORMULAS[call][1](part) is not None]


def formula_of(part: Part, call: str) -> Callable[..., Any]:
    found = FORMULAS[call][1](part)
    assert found
    return found


ALL = [(id, part.name, call) for id in theory.ids() for part, call in formulas(theory.claim(id))]
WITH_FORMULAS = sorted({id for id, _, _ in ALL})


def text(value: Any) -> str:
    """A value as `--set` takes it."""
    match value:
        case np.ndarray(ndim=1):
            return ",".join(map(repr, value.tolist()))
        case np.ndarray():
            return ";".join(",".join(map(repr, row)) for row in value.tolist()) + ";"
        case _:
            return repr(value) if isinstance(value, float) else str(value)


@pytest.fixture
def files() -> None:
    """Files in the working folder that are no arrays, or no arrays that anyone may want."""
    os.mkfifo("fifo.npy")
    Path("empty.npy").touch()
    for name, shape in (("terabytes", (10**12,)), ("negative", (-1, 2)), ("truncated", (4, 4))):
        header = {"descr": "<f8", "fortran_order": False, "shape": shape}
        with open(f"{name}.npy", "wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            file.write(bytes(16))
    np.save("pickled.npy", np.array([{}, os], dtype=object)[:1], allow_pickle=True)
    Path("packed.npy").write_bytes(gzip.compress(Path("truncated.npy").read_bytes()))
    Path("text.npy").write_text("1 2 3")
    np.save("complex.npy", np.array([1j, 2]))
    np.save("dates.npy", np.array(["2026-11-28"], dtype="datetime64[D]"))
    np.save("nan.npy", np.full((3, 3), math.nan))
    np.save("long.npy", np.ones(5001))
    np.save("single.npy", np.eye(3, dtype=np.float32))
    np.save("three.npy", np.ones(3, dtype=np.int8))
    np.save("eye.npy", np.asfortranarray(np.eye(3)))


def test_every_formula_can_be_asked_for_by_its_part(assay: Assay) -> None:
    for id, name, call in ALL:
        claim = theory.claim(id)
        part = claim.part(name)
        formula = formula_of(part, call)
        (at,) = points(part, formula, key=1, count=1)
        words = [word for key in arguments(formula) for word in ("--set", f"{key}={text(at[key])}")]
        outcome = assay("predict", id, *words, *OPTIONS[call], *(["--part", name] if name else []), "--json")
        assert outcome.code in (0, 2), (id, name, call, outcome)
        # A drawn point may break an assumption that is needed; nothing else stands between a formula and its number.
        if outcome.code == 0:
            assert outcome.data["part"] == name
        else:
            assert any(
                reason in outcome.err for reason in ("break", "too small", "beyond", "diverge", "is predicted from")
            ), outcome.err


def expected(part: Part, call: str, given: dict[str, Any]) -> tuple[float, float] | None:
    """The statement at these values, in forty digits, and what rounding may be off by; None where it says nothing."""
    statement = part.statement if call == "predict" else part.printed_statement
    if not isinstance(statement, sp.core.relational.Relational) or statement.has(sp.Sum, sp.harmonic, sp.binomial):
        return None
    formula = formula_of(part, call)
    values = accept("", part.declared, arguments(formula), given)
    if {symbol for item in part.auxiliary for symbol in [item.symbol] if statement.rhs.has(symbol)} and any(
        not set(arguments(item.value)) <= set(values) for item in part.auxiliary if statement.rhs.has(item.symbol)
    ):
        return None
    try:
        with np.errstate(all="raise", under="ignore"):
            return evaluate(part, statement.rhs, values)
    except (ArithmeticError, ValueError, TypeError):
        return None


def judge(outcome: Any, claim: Claim, part: Part | None, call: str, given: dict[str, Any] | None) -> None:
    """What every outcome must be."""
    assert outcome.code in (0, 2), outcome
    assert "Traceback" not in outcome.err
    if outcome.code == 2:
        event("refused")
        assert outcome.is_one_line(), outcome
        assert "defect" not in outcome.err, outcome
        return
    event("answered")
    assert outcome.err == ""
    told = json.loads(outcome.out, parse_constant=lambda constant: pytest.fail(f"{constant} in {outcome.out}"))
    answering = claim.part(told["part"])
    assert math.isfinite(told["value"])
    low, high = answering.prediction_range
    assert call == "as_printed" or low <= told["value"] <= high
    if part is answering and given is not None and call != "predict_finite":
        right = expected(part, call, given)
        if right is not None and isinstance(part, (theory.Identity, theory.Limit, theory.Bound)):
            event("compared with the statement")
            value, budget = right
            assert abs(told["value"] - value) <= budget + ROUNDING * abs(value), (outcome, right)


def hostile(draw: Callable[[Any], Any], at: dict[str, Any]) -> tuple[dict[str, str], bool]:
    """Texts by name, some of them spoilt; and whether none is."""
    told = {name: text(value) for name, value in at.items()}
    spoilt = draw(st.lists(st.sampled_from(sorted(told)), unique=True, max_size=len(told))) if told else []
    for name in spoilt:
        told[name] = draw(st.sampled_from(HOSTILE) | st.text(max_size=5).map(lambda t: t.replace("\0", "")))
    if draw(st.integers(0, 5)) == 0 and told:
        told.pop(draw(st.sampled_from(sorted(told))))
    if draw(st.integers(0, 5)) == 0:
        told[draw(st.sampled_from(NAMES))] = draw(st.sampled_from(HOSTILE))
    return told, not spoilt


@pytest.mark.parametrize("id", WITH_FORMULAS)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_whatever_is_asked_the_answer_is_a_right_number_or_one_line(
    assay: Assay, files: None, id: str, data: st.DataObject
) -> None:
    claim = theory.claim(id)
    part, call = data.draw(st.sampled_from(formulas(claim)))
    formula = formula_of(part, call)
    (at,) = points(part, formula, key=data.draw(st.integers(0, 2**16)), count=1)
    told, _ = hostile(data.draw, {name: at[name] for name in arguments(formula)})
    words = [word for name, value in told.items() for word in ("--set", f"{name}={value}")]
    words += OPTIONS[call]
    named = data.draw(st.sampled_from([part.name, part.name, part.name, "", "nobody", "self"]))
    words += ["--part", named] if named else []
    twice = data.draw(st.integers(0, 9)) == 0 and told
    words += ["--set", f"{next(iter(told))}=1"] if twice else []
    outcome = assay("predict", id, *words, "--json")
    judge(outcome, claim, part, call, scalars(told))


def scalars(told: dict[str, str]) -> dict[str, Any] | None:
    """What was asked, where every value is a number, a name or a list that Python reads the same way."""
    from lazy_assay.checks.cli.arguments import parsed

    try:
        return parsed("", tuple(f"{name}={value}" for name, value in told.items()))
    except Exception:
        return None


def lines(assay: Assay, *words: str) -> str:
    outcome = assay("predict", *words)
    assert outcome.code == 2
    assert outcome.is_one_line(), outcome
    return str(outcome.err)


THEOREM_2 = ["ghorbani2019.theorem2", "--set", "rho=0.5"]


@pytest.mark.parametrize(
    "name, told",
    [
        ("fifo", "not a regular file"), ("empty", "cannot be read"), ("terabytes", "at most 33554432 bytes"),
        ("negative", "has the shape (-1, 2)"), ("truncated", "promises 128 bytes of data, it has 16"),
        ("pickled", "not real numbers"), ("packed", "cannot be read"), ("text", "cannot be read"),
        ("complex", "not real numbers"), ("dates", "not real numbers"), ("nan", "must be finite"),
        ("long", "at most 5000 entries in a list"), ("missing", "cannot be read"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_array_is_refused_by_what_it_is(assay: Assay, files: None, name: str, told: str) -> None:
    assert told in lines(assay, *THEOREM_2, "--set", f"B=@{name}.npy")


def test_a_header_that_asks_for_terabytes_costs_no_memory(assay: Assay, files: None) -> None:
    tracemalloc.start()
    lines(assay, *THEOREM_2, "--set", "B=@terabytes.npy")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**24


def test_what_numpy_saves_of_real_numbers_is_taken(assay: Assay, files: None) -> None:
    for name in ("single", "three", "eye"):
        assert assay("predict", *THEOREM_2, "--set", f"B=@{name}.npy").out == "0.5  part limit\n"


@pytest.mark.parametrize("power", [-1000, -300, -1, 1, 300, 1000])
def test_a_risk_over_its_target_is_the_same_at_every_scale_of_the_target(power: int) -> None:
    # From d = 25 on every finite-size form of these claims answers.
    d = 32
    B, Gamma = np.linspace(0.25, 1.0, d), np.repeat([1.5, 0.5], d // 2) / d
    given = {"B": B, "Gamma": Gamma, "rho": 0.5, "d": d, "N": 16, "activation": "relu", "W": np.eye(d)[:, :16]}
    for claim, part, call in scale_free():
        at = {name: given[name] for name in arguments(formula_of(part, call))}
        right, scaled = (claim.answer(call, at | {"B": b}, part.name) for b in (B, np.ldexp(B, power)))
        assert scaled.value == right.value, (claim.id, part.name)


def scale_free() -> Iterator[tuple[Claim, Part, str]]:
    """Formulas whose target may have any scale."""
    for claim in theory.claims():
        for part, call in formulas(claim):
            if "B" in arguments(formula_of(part, call)) and claim.id.startswith("ghorbani2019"):
                yield claim, part, call


def test_the_scales_of_every_target_are_walked() -> None:
    assert len(list(scale_free())) >= 20
