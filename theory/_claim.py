"""A claim is data: what a paper states, in sympy and in a sentence, with its domain, assumptions and decoys.

A `Claim` is one row of the list of claims; it has one or more named `Part`s, and the kind of a part is its type. The
kind selects the checks that apply: see docs/design.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import sympy as sp

from lazy_assay.theory._catalogue import claim_id
from lazy_assay.theory._configurations import Growth, Relation, in_proportion, with_labels
from lazy_assay.theory._evidence import Assumption, Decoy, Erratum, Remark, Reported, Source
from lazy_assay.theory._parameter import Domain, InvalidParameterError, Parameter
from lazy_assay.theory._prediction import Formula as Formula
from lazy_assay.theory._prediction import Predicting, evaluated
from lazy_assay.theory._prediction import arguments as arguments


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What is observed: the left-hand side of a statement, and the range that it cannot leave, ends included."""

    symbol: sp.Basic
    meaning: str
    units: str = "dimensionless"
    low: float = -math.inf
    high: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Auxiliary:
    """A symbol of the statement that is neither parameter nor observed: psi, a trace, a constant of the activation.

    `value` computes it from parameters (of `predict`); `definition` is its equation in the paper, where it has one.
    """

    symbol: sp.Basic
    meaning: str
    value: Formula
    definition: sp.Basic | None = None


@dataclass(frozen=True, kw_only=True)
class Part:
    """One statement. Its fields are checked against one another on construction (ValueError names claim and field).

    published: the right value of the limit or bound (the corrected one where the paper errs), called as `predict`.
    finite: the finite-size prediction, called as `predict_finite`.
    finite_allowance: absolute accuracy of `finite`, from its own parameters; None where it is exact up to rounding.
    printed: the paper's own formula where it differs.
    limit_of: turns the arguments of `finite` into those of `published` (N, d to rho).
    relations: what ties parameters of a configuration to one another, such as a normalisation.
    ours: not a sentence of the paper's but a criterion, a range or a companion of our own; it never heads the claim.
    """

    kind: ClassVar[str] = "Part"
    quantitative: ClassVar[bool] = False

    name: str = ""
    sentence: str
    quantity: Quantity
    statement: sp.Basic | None = None
    printed_statement: sp.Basic | None = None
    rate: sp.Basic | None = None
    parameters: tuple[Parameter, ...] = ()
    auxiliary: tuple[Auxiliary, ...] = ()
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
        allowed = set().union(*(item.free_symbols for item in known))
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
    def prediction_range(self) -> tuple[float, float]:
        """Where the right prediction can lie: anywhere, unless a kind says what it has to do with the quantity."""
        return -math.inf, math.inf

    def broken_assumptions(self, values: Mapping[str, Any]) -> list[Assumption]:
        """The assumptions that a configuration (parameters by name) breaks."""
        return [a for a in self.assumptions if not a.holds(**{name: values[name] for name in arguments(a.holds)})]


@dataclass(frozen=True, kw_only=True)
class Identity(Part):
    """Equality at every size. `derivation` derives the right-hand side in sympy from other claims."""

    kind: ClassVar[str] = "Identity"
    quantitative: ClassVar[bool] = True
    derivation: Callable[[], sp.Basic] | None = None

    @property
    def prediction_range(self) -> tuple[float, float]:
        """That of the quantity."""
        return self.quantity.low, self.quantity.high


@dataclass(frozen=True, kw_only=True)
class Limit(Part):
    """Equality as sizes grow; `rate` is the order of what is left, `growth` the way that it is left along.

    coefficient: c of the leading c/size that is left with isotropic weights, from arguments of `published`.
    """

    kind: ClassVar[str] = "Limit"
    quantitative: ClassVar[bool] = True
    growth: Growth = field(default_factory=in_proportion)
    coefficient: Formula | None = None

    @property
    def prediction_range(self) -> tuple[float, float]:
        """That of the quantity."""
        return self.quantity.low, self.quantity.high


@dataclass(frozen=True, kw_only=True)
class Bound(Part):
    """An inequality; `side` says where the quantity may lie: "below" or "above" the prediction."""

    kind: ClassVar[str] = "Bound"
    quantitative: ClassVar[bool] = True
    side: str = "below"

    @property
    def prediction_range(self) -> tuple[float, float]:
        """A bound may be weaker than what every value obeys, but no upper bound lies below the range, no lower one
        above it."""
        return (self.quantity.low, math.inf) if self.side == "below" else (-math.inf, self.quantity.high)


@dataclass(frozen=True, kw_only=True)
class Rate(Part):
    """O(x**p): `published` gives p, and log quantity against log x has at least that slope as x goes to zero.

    As x grows (`towards` "infinity") the slope is at most p: either way the truth may vanish faster, unless the rate is
    `sharp`: then p is the order itself, and a truth that vanishes faster disagrees too.
    """

    kind: ClassVar[str] = "Rate"
    quantitative: ClassVar[bool] = True
    towards: str = "zero"
    sharp: bool = False


def Eq(left: sp.Basic, right: sp.Basic) -> sp.Basic:
    """left = right as a statement: sympy's equation, not evaluated.

    Evaluated, sympy asks whether the two sides are equal already, which takes longer than all else that a claim does on
    import; a statement is compared where it is confronted.
    """
    told: sp.Basic = sp.Eq(left, right, evaluate=False)
    return told


def of_order(expression: sp.Basic | int) -> sp.Basic:
    """O(expression) as its variable grows, as a rate states it: written and not evaluated.

    sympy's own Order at infinity takes limits, which loads half of sympy.
    """
    told: sp.Basic = sp.Function("O")(expression)
    return told


@dataclass(frozen=True, kw_only=True)
class AlmostSure(Part):
    """With probability one: every draw gets a certificate, never a float tolerance."""

    kind: ClassVar[str] = "AlmostSure"


@dataclass(frozen=True, kw_only=True)
class Existence(Part):
    """There is a choice such that: a witness, found and verified."""

    kind: ClassVar[str] = "Existence"


@dataclass(frozen=True, kw_only=True)
class Observation(Part):
    """An experiment's finding: direction and effect size over independent seeds; `reported`, the paper's numbers."""

    kind: ClassVar[str] = "Observation"
    reported: Reported | None = None


@dataclass(frozen=True, kw_only=True)
class Claim(Predicting):
    """One row: a statement of a paper, in one or more parts. `module` is `__name__` of the file that holds it.

    selector: the name of an extra argument of `predict` that says which part is meant (a regime); arguments that only
    other parts take are then accepted and ignored. main: the parts that answer a call which names none, in this order,
    where several take the same parameters (docs: `theory._prediction`).
    """

    module: str
    title: str
    source: Source
    parts: tuple[Part, ...]
    convention: str = ""
    selector: str = ""
    main: tuple[str, ...] = ()
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", claim_id(self.module))
        if not self.parts:
            raise ValueError(f"[{self.id}] parts: a claim states something")
        names = [part.name for part in self.parts]
        if len(set(names)) < len(names):
            raise ValueError(f"[{self.id}] parts: names must differ, got {names}")
        if lost := [name for name in self.main if name not in names]:
            raise ValueError(f"[{self.id}] main: no part is called {lost[0]!r}")
        for part in self.parts:
            part.validate(self.id)

    @property
    def kind(self) -> str:
        """The kinds of its parts, each once, in order."""
        return " + ".join(dict.fromkeys(part.kind for part in self.parts))

    @property
    def errata(self) -> tuple[tuple[Part, Erratum], ...]:
        """Every erratum with the part it belongs to."""
        return tuple((part, erratum) for part in self.parts for erratum in part.errata)

    def part(self, name: str) -> Part:
        """The part of that name; LookupError names those there are."""
        for part in self.parts:
            if part.name == name:
                return part
        raise LookupError(
            f"{self.id} has no part {name!r}; it has {', '.join(p.name or '(one unnamed)' for p in self.parts)}"
        )
