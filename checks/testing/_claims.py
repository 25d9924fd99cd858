"""What every claim must pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from lazy_assay import theory
from lazy_assay.checks.testing._battery import Battery
from lazy_assay.theory import Claim, Formula, InvalidParameterError, Part
from lazy_assay.theory._prediction import arguments

Values = Mapping[str, Any]
# Besides what is drawn: a scale at which an expansion in its inverse holds, and neurons for a law of many.
NOTHING: Values = {}
LARGE_SCALE: Values = {"alpha": 60.0}
MORE_NEURONS: Values = {"N": 15}
DIMENSIONS = (6, 30)
SAMPLES, DRAWS = 8, 16


class ClaimBattery(Battery):
    """Tests of one claim's data: what it says, and that all of its formulas answer at values of its domains.

    claim: the claim, or its id.
    """

    claim: Claim | str

    @property
    def subject(self) -> Claim:
        """The claim."""
        return theory.claim(self.claim) if isinstance(self.claim, str) else self.claim

    def test_it_says_what_where_and_by_whom(self) -> None:
        claim = self.subject
        assert claim.title, f"[{claim.id}] title: say what the claim is about"
        assert claim.source.locator, f"[{claim.id}] source: say where in the paper it stands"
        paper = claim.id.partition(".")[0]
        assert claim.source.paper.key == paper, f"[{claim.id}] source: the paper's key is not {paper}"
        for part in claim.parts:
            where = _where(claim, part)
            assert part.sentence.endswith("."), f"{where} sentence: a sentence ends with a full stop"
            assert part.quantity.meaning, f"{where} quantity: say what is observed"

    def test_statements_relate_the_quantity_to_what_is_claimed(self) -> None:
        import sympy as sp

        for part in (part for part in self.subject.parts if part.quantitative):
            where, statement = _where(self.subject, part), part.statement
            assert isinstance(statement, sp.core.relational.Relational), f"{where} statement: no relation"
            assert statement.lhs == part.quantity.symbol, f"{where} statement: begin with the quantity's symbol"

    def test_formulas_and_assumptions_answer_at_values_of_their_domains(self) -> None:
        for part in self.subject.parts:
            where, values = _where(self.subject, part), sample(part)
            for assumption in part.assumptions:
                holds = assumption.holds(**_given(assumption.holds, values))
                assert holds in (True, False), f"{where} assumption {assumption.name}: it is neither true nor false"
            formulas = {"published": part.published, "finite": part.finite, "printed": part.printed}
            formulas |= {f"auxiliary {item.symbol}": item.value for item in part.auxiliary}
            for label, formula in formulas.items():
                if formula is not None:
                    number = formula(**_given(formula, values))
                    assert np.all(np.isfinite(number)), f"{where} {label}: {number} at {_shown(values)}"

    def test_decoys_differ_from_what_is_claimed_and_from_one_another(self) -> None:
        # Where a probability has come to one, so have wrong versions of it: some sample must tell them all apart.
        for part in (part for part in self.subject.parts if part.decoys):
            forms = [part.finite or part.published, *(decoy.finite or decoy.published for decoy in part.decoys)]
            called = [form for form in forms if form is not None]
            numbers = [{float(form(**_given(form, values))) for form in called} for values in samples(part)]
            apart = any(len(found) == len(called) for found in numbers)
            assert apart, f"{_where(self.subject, part)} decoys: nowhere drawn do claim and decoys all differ"

    def test_an_erratum_says_what_is_printed_what_is_right_and_why(self) -> None:
        for part, erratum in self.subject.errata:
            where = f"{_where(self.subject, part)} erratum {erratum.locator}"
            for field in ("locator", "printed", "corrected", "derivation", "evidence"):
                assert getattr(erratum, field), f"{where}: {field} is empty"
            assert erratum.printed != erratum.corrected, f"{where}: what is printed is what is corrected"


def sample(part: Part, seed: int = 1) -> Values:
    """A value of every declared parameter, at a dimension that the part's finite-size form answers at.

    Raises AssertionError where it answers at none.
    """
    # A form that was calibrated for some matrices only refuses others: the next draw of that seed's is looked at then.
    seeds = range(seed, seed + SAMPLES * DRAWS, SAMPLES)
    options = ((at, d, more) for at in seeds for more in (NOTHING, LARGE_SCALE, MORE_NEURONS) for d in DIMENSIONS)
    drawn = ((values := _sized(part, at, d, more), _answers(part.finite, values)) for at, d, more in options)
    found = next((values for values, answers in drawn if answers), None)
    assert found is not None, f"part {part.name!r}: the finite-size form answers nowhere at d in {DIMENSIONS}"
    return found


def samples(part: Part) -> Iterator[Values]:
    """A few, one after the other, so that a formula is seen away from its degenerate values."""
    return (sample(part, seed) for seed in range(1, SAMPLES + 1))


def _sized(part: Part, seed: int, d: int, more: Values) -> Values:
    from lazy_assay.checks.configurations.points import sizes

    rng = np.random.default_rng(seed)
    few = sizes((), d, 3)
    values = {name: parameter.domain.sample(rng, few, seed - 1) for name, parameter in part.declared.items()}
    fixed = {"d": d, "N": 2, "rho": 0.5, **more}
    values |= {name: size for name, size in fixed.items() if name in values}
    for relation in part.relations:
        values = relation.applied(values)
    return values


def _answers(formula: Formula | None, values: Values) -> bool:
    """Whether a formula answers at some values, or refuses and says from which size on it does."""
    try:
        return formula is None or bool(np.isfinite(formula(**_given(formula, values))))
    except InvalidParameterError as refusal:
        if not any(character.isdigit() for character in str(refusal)):
            raise
        return False


def _given(formula: Formula, values: Values) -> dict[str, Any]:
    return {name: values[name] for name in arguments(formula)}


def _where(claim: Claim, part: Part) -> str:
    return f"[{claim.id}{':' + part.name if part.name else ''}]"


def _shown(values: Values) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())[:200]
