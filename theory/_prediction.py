"""Calling a claim's formulas: which part is meant, and a number that is right or one line that says why there is none.

Which part. `part="name"` says it. Without a name it is the part whose formula takes exactly the names that are given;
where several do, the one that has no name, or the first of the claim's `main` parts among them, and an error that lists
them where none is main. A part that takes only some of the names of a main part (of the first part, where the claim
names none) has to be asked by its name: a parameter that was forgotten must not turn one statement into another.

What a call may return. A finite real number within what the part's quantity can be. Everything else (an error of
Python, numpy or scipy, a warning, a NaN, an infinity, a value out of range) becomes an InvalidParameterError.
"""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lazy_assay.theory._parameter import InvalidParameterError, Parameter, shown

if TYPE_CHECKING:
    from lazy_assay.theory._part import Part

Formula = Callable[..., Any]


def arguments(formula: Formula) -> tuple[str, ...]:
    """The names that a formula takes, in order."""
    return tuple(inspect.signature(formula).parameters)


# What rounding may carry a value over an end of its range, in units of the larger of the value and 1: sums over at most
# `LARGEST_SIZE` terms, each rounded, lose no more than so many machine epsilons.
ROUNDING = 2.0**12 * float(np.finfo(float).eps)
# Not named: AttributeError, TypeError, KeyError, IndexError. Those are mistakes of ours and must show.
FAILURES = (ArithmeticError, ValueError, RuntimeError, MemoryError, Warning)


@dataclass(frozen=True)
class Answer:
    """A number, and the part that it belongs to."""

    value: float
    part: Part


# What each call of a claim is named in messages, and which formula of a part it asks for.
FORMULAS: Mapping[str, tuple[str, Callable[[Part], Formula | None]]] = {
    "predict": ("published formula", lambda part: part.published),
    "corrected": ("published formula", lambda part: part.published),
    "predict_finite": ("finite-size prediction", lambda part: part.finite),
    "as_printed": ("published formula", lambda part: part.printed or part.published),
}


class Predicting:
    """What a claim answers: numbers, by the names of its parameters."""

    id: str
    parts: tuple[Part, ...]
    selector: str
    main: tuple[str, ...]

    def part(self, name: str) -> Part:
        """The part of that name."""
        raise NotImplementedError

    def answer(self, call: str, given: Mapping[str, Any], part: str = "") -> Answer:
        """What `predict`, `predict_finite`, `as_printed` or `corrected` says, by its name, and which part says it."""
        label, choose = FORMULAS[call]
        left = dict(given)
        answering = chosen(self, label, choose, left, part)
        return Answer(answering.call(self.id, label, choose(answering), left), answering)

    def predict(self, /, *, part: str = "", **parameters: Any) -> float:
        """The published value, corrected where the paper errs. Raises InvalidParameterError for bad arguments.

        part: which part is meant, where several take the same parameters.
        """
        return self.answer("predict", parameters, part).value

    corrected = predict

    def predict_finite(self, /, *, part: str = "", **parameters: Any) -> float:
        """The finite-size prediction. Raises InvalidParameterError for bad arguments."""
        return self.answer("predict_finite", parameters, part).value

    def as_printed(self, /, *, part: str = "", **parameters: Any) -> float:
        """What the paper prints, mistakes included; the same as `predict` where nothing is wrong."""
        return self.answer("as_printed", parameters, part).value


def chosen(
    claim: Predicting, label: str, choose: Callable[[Part], Formula | None], given: dict[str, Any], name: str
) -> Part:
    """The part that answers; takes out of `given` what only says which. Raises InvalidParameterError."""
    if claim.selector:
        return _selected(claim, choose, given, name)
    if name:
        return _named(claim, label, name)
    able = [part for part in claim.parts if choose(part) is not None]
    if len(able) < 2:
        return able[0] if able else claim.parts[0]
    names = {part.name: arguments(_formula(choose, part)) for part in able}
    # A part without a name is the claim itself.
    declared = [part for name in ("", *claim.main) for part in able if part.name == name]
    main = declared or able[:1]
    taking = [part for part in able if set(names[part.name]) == set(given)]
    shortened = [part for part in main if set(given) < set(names[part.name])]
    if not taking or (shortened and taking[0] not in main):
        raise _refusal(claim, names, shortened or [*main, *able], given)
    if len(taking) == 1:
        return taking[0]
    for part in declared:
        if part in taking:
            return part
    raise InvalidParameterError(
        f"[{claim.id}] several parts take {', '.join(given) or 'no parameter'}: "
        f"{', '.join(part.name for part in taking)}; say which with part=NAME (--part NAME)"
    )


def _formula(choose: Callable[[Part], Formula | None], part: Part) -> Formula:
    formula = choose(part)
    assert formula is not None
    return formula


def _named(claim: Predicting, label: str, name: str) -> Part:
    for part in claim.parts:
        if part.name == name:
            return part
    there = ", ".join(part.name for part in claim.parts if part.name)
    told = f"it has {there}" if there else f"its only part has no name: leave part away for its {label}"
    raise InvalidParameterError(f"[{claim.id}] has no part {shown(name)}; {told}")


def _refusal(
    claim: Predicting, names: Mapping[str, tuple[str, ...]], able: list[Part], given: Mapping[str, Any]
) -> InvalidParameterError:
    """What to say of names that no part takes: as of the part that they fit best, with what the others take."""
    # `min` keeps the first of equals: a main part, or the first one.
    part = min(able, key=lambda part: len(set(names[part.name]) ^ set(given)))
    others = "; ".join(f"{name}: {', '.join(taken) or 'nothing'}" for name, taken in names.items() if name != part.name)
    return InvalidParameterError(f"{_names(claim.id, names[part.name], given)} (part {part.name}; others: {others})")


def _selected(claim: Predicting, choose: Callable[[Part], Formula | None], given: dict[str, Any], name: str) -> Part:
    """The part that the selector names; takes the selector, and what only other parts need, out of `given`."""
    options = ", ".join(part.name for part in claim.parts)
    if claim.selector not in given and not name:
        raise InvalidParameterError(f"[{claim.id}] missing parameter {claim.selector}; one of {options}")
    asked = given.pop(claim.selector, name)
    if name and not (isinstance(asked, str) and asked == name):
        raise InvalidParameterError(f"[{claim.id}] {claim.selector} is {shown(asked)}, but part is {shown(name)}")
    part = next((p for p in claim.parts if isinstance(asked, str) and p.name == asked), None)
    if part is None:
        raise InvalidParameterError(f"[{claim.id}] {claim.selector} must be one of {options}, got {shown(asked)}")
    taken = {p.name: arguments(formula) for p in claim.parts if (formula := choose(p)) is not None}
    others = {n for names in taken.values() for n in names} - set(taken.get(part.name, ()))
    for extra in others & set(given):
        accept(claim.id, part.declared, (extra,), {extra: given.pop(extra)})
    return part


def evaluated(claim: str, part: Part, label: str, formula: Formula, given: Mapping[str, Any]) -> float:
    """A formula's value at given arguments, validated before and after. Raises InvalidParameterError."""
    where = f"[{claim}]" + (f" {part.name}:" if part.name else "")
    values = accept(claim, part.declared, arguments(formula), given)
    try:
        with warnings.catch_warnings(), np.errstate(divide="raise", over="raise", invalid="raise", under="ignore"):
            warnings.simplefilter("error")
            _require(where, part, values)
            value = _number(formula(**values))
    except InvalidParameterError as error:
        # Values that are fine one by one and have no meaning together (Σ and Δ without a model).
        told = str(error)
        raise InvalidParameterError(told if told.startswith("[") else f"[{claim}] {told}") from None
    except FAILURES as error:
        raise InvalidParameterError(f"{where} no {label} at {_at(values)}: {_reason(error)}") from None
    return _within(f"{where} {label} at {_at(values)}", value, *_range(part, formula))


def accept(
    claim: str, declared: Mapping[str, Parameter], wanted: tuple[str, ...], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Normalise `given` for a formula of `claim` that takes exactly the names `wanted`.

    Raises InvalidParameterError for a name that is missing or unknown, a value outside its domain, or sizes that do
    not match.
    """
    if set(given) != set(wanted):
        raise InvalidParameterError(_names(claim, wanted, given))
    values = {}
    for name in wanted:
        try:
            values[name] = declared[name].domain.accept(given[name])
        except InvalidParameterError as error:
            raise InvalidParameterError(f"[{claim}] {name} {error}") from None
    _check_sizes(claim, declared, values)
    return values


def _names(claim: str, wanted: tuple[str, ...], given: Mapping[str, Any]) -> str:
    """What is wrong with the names that are given."""
    takes = f"it takes {', '.join(wanted) or 'no parameters'}"
    for name in given:
        if name not in wanted:
            return f"[{claim}] unknown parameter {shown(name)[1:-1]}; {takes}"
    return f"[{claim}] missing parameter {next(name for name in wanted if name not in given)}; {takes}"


def _check_sizes(claim: str, declared: Mapping[str, Parameter], values: Mapping[str, Any]) -> None:
    sizes = [(name, label, n) for name in values for label, n in declared[name].domain.sizes(values[name]).items()]
    labels = {label for _, label, _ in sizes}
    first: dict[str, tuple[str, int]] = {name: (name, value) for name, value in values.items() if name in labels}
    for name, label, length in sizes:
        other, expected = first.setdefault(label, (name, length))
        if length != expected:
            said = f"{other} = {expected}" if other == label else f"{other} has size {expected}"
            raise InvalidParameterError(f"[{claim}] {name} has size {length}, but {said}; give them one size")


def _require(where: str, part: Part, values: Mapping[str, Any]) -> None:
    for needed in part.assumptions:
        names = arguments(needed.holds)
        if needed.required and set(names) <= set(values) and not needed.holds(**{n: values[n] for n in names}):
            raise InvalidParameterError(f"{where} these arguments break {needed.name!r}: {needed.sentence}")


def _number(value: Any) -> float:
    """A finite real number. Raises OverflowError for an infinity, FloatingPointError for NaN."""
    number = float(value)
    if math.isnan(number):
        raise FloatingPointError("invalid value")
    if math.isinf(number):
        raise OverflowError
    return number


def _range(part: Part, formula: Formula) -> tuple[float, float]:
    """Where a prediction of this part can lie; what the paper printed by mistake may lie anywhere."""
    if formula is part.printed and formula is not part.published:
        return -math.inf, math.inf
    return part.prediction_range


def _within(where: str, value: float, low: float, high: float) -> float:
    """The value; an end of the range where rounding alone carried it over. Raises InvalidParameterError beyond that."""
    slack = ROUNDING * max(1.0, abs(value))
    if not low - slack <= value <= high + slack:
        raise InvalidParameterError(
            f"{where} came out as {value:.6g}, outside {low:g} … {high:g}, where it must lie: no number is given; "
            "this is a defect, please report it"
        )
    return float(min(max(value, low), high))


def _at(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} = {shown(value)}" for name, value in values.items()) or "no arguments"


def _reason(error: BaseException) -> str:
    """What went wrong, and how to mend it, in words."""
    said = str(error).splitlines()[0] if str(error) else ""
    match error:
        case MemoryError():
            return "it takes more memory than there is; use smaller sizes"
        case RecursionError():
            return "it is nested too deeply; use smaller sizes"
        case ZeroDivisionError():
            return "it divides by zero there"
        case np.linalg.LinAlgError():
            return f"linear algebra failed ({said}); the matrix in it is singular or nearly so"
        case FloatingPointError() if said.startswith("invalid"):
            return "it is not a number there"
        case FloatingPointError() if said.startswith("divide"):
            return "it divides by zero there"
        case ArithmeticError():
            return "a number in it leaves the range of double precision; bring the arguments nearer to one"
    return said or type(error).__name__
