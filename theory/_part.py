"""A part: one statement of a claim, in sympy and in a sentence, with its domain, assumptions and decoys."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import sympy as sp

from lazy_assay.theory._configurations import Relation, with_labels
from lazy_assay.theory._evidence import Assumption, Decoy, Erratum, Remark
from lazy_assay.theory._parameter import NOTATION, Domain, InvalidParameterError, Parameter
from lazy_assay.theory._prediction import Formula, arguments, evaluated
from lazy_assay.theory._status import CONFIRMED, REFUTED


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What is observed: the left-hand side of a statement, and the range that it cannot leave, ends included.

    latex: how the paper writes it (of a function of something, the function), where its name does not say.
    """

    symbol: sp.Basic
    meaning: str
    units: str = "dimensionless"
    low: float = -math.inf
    high: float = math.inf
    latex: str = field(default="", metadata=NOTATION)


@dataclass(frozen=True, kw_only=True)
class Auxiliary:
    """A symbol of the statement that is neither parameter nor observed: psi, a trace, a constant of the activation.

    `value` computes it from parameters (of `predict`); `definition` is its equation in the paper, where it has one.
    latex: how the paper writes it, a letter or what it stands for; definition_latex: that equation as the paper has it.
    opaque: where the symbol is all that the statement says, why sympy sees no further: what it is a solution of.
    """

    symbol: sp.Basic
    meaning: str
    value: Formula
    definition: sp.Basic | None = None
    latex: str = field(default="", metadata=NOTATION)
    definition_latex: str = field(default="", metadata=NOTATION)
    opaque: str = field(default="", metadata=NOTATION)


@dataclass(frozen=True, kw_only=True)
class Abbreviation:
    """What a paper writes for a piece of a statement: ‖∇F‖ for a root of a quadratic form in entries.

    latex: how it is written in the part's forms; stands_for: the same in the statement's symbols, of which a test holds
    it to be the value; definition_latex: that, where sympy would not write it as a reader does.
    """

    latex: str
    meaning: str
    stands_for: sp.Basic
    definition_latex: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """One statement. Its fields are checked against one another on construction (ValueError names claim and field).

    published: the right value of the limit or bound (the corrected one where the paper errs), called as `predict`.
    finite: the finite-size prediction, called as `predict_finite`.
    finite_allowance: absolute accuracy of `finite`, from its own parameters; None where it is exact up to rounding.
    printed: the paper's own formula where it differs.
    latex, printed_latex: the statement and the printed statement in the paper's notation and arrangement; without them
    they are printed from sympy, with the letters as their symbols declare them.
    abbreviations: what these forms write for pieces of the statement.
    limit_of: turns the arguments of `finite` into those of `published` (N, d to rho).
    relations: what ties parameters of a configuration to one another, such as a normalisation.
    ours: not a sentence of the paper's but a criterion, a range or a companion of our own; it never heads the claim.
    """

    kind: ClassVar[str] = "Part"
    quantitative: ClassVar[bool] = False
    # A kind's words for a statement that stands, and for one that does not.
    holds: ClassVar[str] = CONFIRMED
    fails: ClassVar[str] = REFUTED
    # Whether `published` is a value of the quantity, which the statement can be compared with.
    valued: ClassVar[bool] = False
    # What the number beside an estimate is.
    beside: ClassVar[str] = "prediction"

    name: str = ""
    sentence: str
    quantity: Quantity
    statement: sp.Basic | None = None
    latex: str = field(default="", metadata=NOTATION)
    printed_statement: sp.Basic | None = None
    printed_latex: str = field(default="", metadata=NOTATION)
    rate: sp.Basic | None = None
    parameters: tuple[Parameter, ...] = ()
    auxiliary: tuple[Auxiliary, ...] = ()
    abbreviations: tuple[Abbreviation, ...] = field(default=(), metadata=NOTATION)
    assumptions: tuple[Assumption, ...] = ()
    decoys: tuple[Decoy, ...] = ()
    errata: tuple[Erratum, ...] = ()
    remarks: tuple[Remark, ...] = ()
    published: Formula | None = None
    finite: Formula | None = None
    finite_allowance: Formula | None = None
    printed: Formula | None = None
    limit_of: Formula | None = None
    relations: tuple[Relation, ...] = ()
    ours: bool = False

    @cached_property
    def declared(self) -> Mapping[str, Parameter]:
        """The parameters by name."""
        return {parameter.name: parameter for parameter in self.parameters}

    @cached_property
    def domains(self) -> Mapping[str, Domain]:
        """The domains of the parameters, and of the sizes that these name."""
        return with_labels({parameter.name: parameter.domain for parameter in self.parameters})

    def validate(self, claim: str) -> None:
        """Raise ValueError, naming the claim and the field, where the fields contradict one another."""
        if self.name and not self.name.isidentifier():
            raise ValueError(f"[{claim}] parts: {self.name!r} is no name of letters, digits and _")
        where = f"[{claim}{':' + self.name if self.name else ''}]"
        for parameter in self.parameters:
            if not isinstance(parameter.domain, Domain):
                raise ValueError(
                    f"{where} parameter {parameter.name}: {parameter.domain!r} is no domain; "
                    f"lazy_assay.theory has Integer, Real, Choice, Vector, Symmetric, Rectangular"
                )
        self._validate_symbols(where)
        for label in ("published", "finite", "finite_allowance", "printed"):
            self._validate_arguments(f"{where} {label}", getattr(self, label))
        for assumption in self.assumptions:
            self._validate_arguments(f"{where} assumption {assumption.name}", assumption.holds)
        for relation in self.relations:
            self._validate_arguments(f"{where} relation {relation.name}", relation.value)
        for item in self.auxiliary:
            self._validate_arguments(f"{where} auxiliary {item.symbol}", item.value)
        for decoy in self.decoys:
            if not callable(decoy.published):
                raise ValueError(
                    f"{where} decoys: {decoy.name!r} has no formula yet; fill in a plausible wrong version"
                )
            self._validate_arguments(f"{where} decoy {decoy.name}", decoy.published)
        if self.quantitative and not self.decoys:
            raise ValueError(f"{where} decoys: there are none; fill in at least one plausible wrong version")
        if self.statement is None and self.quantitative:
            raise ValueError(f"{where} statement: a {self.kind} is stated in sympy")

    def _validate_symbols(self, where: str) -> None:
        known = {self.quantity.symbol} | {p.symbol for p in self.parameters} | {a.symbol for a in self.auxiliary}
        # The sizes of a matrix are known with it.
        sizes = {size for item in known for size in getattr(item, "shape", ())}
        allowed = set().union(*(item.free_symbols for item in known | sizes if isinstance(item, sp.Basic)))
        for label in ("statement", "printed_statement"):
            expression = getattr(self, label)
            free = set() if expression is None else expression.free_symbols - allowed
            if free:
                names = ", ".join(sorted(sp.srepr(symbol) for symbol in free))
                raise ValueError(f"{where} {label}: free symbols that are not declared: {names}")

    def _validate_arguments(self, where: str, formula: Formula | None) -> None:
        undeclared = [] if formula is None else [name for name in arguments(formula) if name not in self.declared]
        if undeclared:
            raise ValueError(f"{where}: takes {undeclared[0]}, which is not a declared parameter")

    def call(self, claim: str, label: str, formula: Formula | None, given: Mapping[str, Any]) -> float:
        """Validate the arguments and evaluate one of the part's formulas: a finite number within the quantity's range.

        Raises InvalidParameterError, one line, for everything else.
        """
        if formula is None:
            told = f"part {self.name} " if self.name else ""
            raise InvalidParameterError(f"[{claim}] {told}has no {label}; `assay show {claim}` tells what it states")
        return evaluated(claim, self, label, formula, given)

    @property
    def opaque(self) -> str:
        """Why the right-hand side of the statement is a symbol alone, with nothing in it that sympy could bend."""
        right = getattr(self.statement, "rhs", None)
        return next((item.opaque for item in self.auxiliary if item.symbol == right), "")

    @property
    def allowed_side(self) -> str:
        """Where the quantity may lie of the prediction: "below", "above" or, at it, "both"."""
        return "both"

    @property
    def estimated_units(self) -> str:
        """The units of what is estimated."""
        return self.quantity.units

    @property
    def prediction_range(self) -> tuple[float, float]:
        """Where the right prediction can lie: anywhere, unless a kind says what it has to do with the quantity."""
        return -math.inf, math.inf

    def broken_assumptions(self, values: Mapping[str, Any]) -> list[Assumption]:
        """The assumptions that a configuration (parameters by name) breaks."""
        return [a for a in self.assumptions if not a.holds(**{name: values[name] for name in arguments(a.holds)})]
