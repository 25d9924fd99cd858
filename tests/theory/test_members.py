"""Every domain that there is: what it samples it accepts, what it makes it accepts, and it says what it takes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lazy_assay import theory
from lazy_assay.checks.configurations.datasets import DataSets, Images
from lazy_assay.checks.configurations.points import points, sizes
from lazy_assay.theory import (
    Choice,
    Covariance,
    Domain,
    Family,
    Flag,
    Growth,
    Integer,
    InvalidParameterError,
    Limit,
    ListOf,
    Neurons,
    PointSet,
    Real,
    Rectangular,
    Relation,
    Scalar,
    Sizes,
    Symmetric,
    Vector,
    materialise,
    plain,
)
from lazy_assay.theory._arrays import Named
from lazy_assay.theory.ghorbani2019._spectra import CovarianceDifference, MeanCovariance

DOMAINS = [
    Integer(1), Integer(-3, 4), Real(), Real(0), Real(-1, 1, closed_low=True, closed_high=True), Choice(("a", "3")),
    Flag(), ListOf(Real(0)), ListOf(Choice(("a", "b"))), ListOf(ListOf(Integer(1), separator="-", empty="linear")),
    Vector("n"), Vector("n", low=0), Vector(), Rectangular("n", "k"), PointSet("n", "d"),
    PointSet("n", "d", unit=True), Images("n", "d", unit=True), Neurons("d", "N"),
    Symmetric(), Symmetric(semidefinite=True), Symmetric(scale_free=True), Covariance(), Covariance(trace=None),
    Covariance(along="B"), MeanCovariance(), CovarianceDifference(), DataSets(("digits",)),
]  # fmt: skip
SIZES = {"d": 6, "N": 4, "n": 8, "k": 2}
every_domain = pytest.mark.parametrize("domain", DOMAINS, ids=repr)
MEMBERS = [
    (domain, f"{name}:{argument}" if argument else name)
    for domain in DOMAINS
    if all(domain.labels)
    for name, family in domain.families.items()
    for argument in ((1, 7) if family.seeded else family.arguments or ("",))
]
every_member = pytest.mark.parametrize("domain, member", MEMBERS, ids=[f"{d!r} {m}" for d, m in MEMBERS])


def given_to(domain: Domain) -> dict[str, Any]:
    """The sizes, and a matrix for a domain whose members are made from another parameter's."""
    return {**SIZES, **({domain.along: np.arange(1.0, 7.0)} if isinstance(domain, Covariance) else {})}


def same(first: np.ndarray, second: np.ndarray) -> bool:
    return type(first) is type(second) and np.array_equal(np.asarray(first), np.asarray(second))


def subclasses(kind: type[Domain]) -> set[type[Domain]]:
    return {kind, *itertools.chain.from_iterable(map(subclasses, kind.__subclasses__()))}


def test_every_kind_of_domain_is_walked_below() -> None:
    built_in = {kind for kind in subclasses(Domain) if kind.__module__.startswith("lazy_assay")}
    declared = {type(p.domain) for claim in theory.claims() for part in claim.parts for p in part.parameters}
    assert {kind.__name__ for kind in built_in} - {"Domain", "Named"} == {type(domain).__name__ for domain in DOMAINS}
    assert declared <= {type(domain) for domain in DOMAINS}


@every_domain
@settings(max_examples=25, database=None, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), index=st.integers(0, 50))
def test_what_a_domain_samples_it_accepts_and_says_what_it_takes(domain: Domain, seed: int, index: int) -> None:
    value = domain.sample(np.random.default_rng(seed), sizes(domain.labels, 6, 4), index)
    accepted = domain.accept(value)
    assert domain.describe()
    known = sizes(domain.labels, 6, 4)
    assert all(known.labelled[label] == count for label, count in domain.sizes(accepted).items())


@every_domain
@settings(max_examples=25, database=None, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), index=st.integers(0, 50))
def test_a_sampled_value_with_a_plain_form_comes_back_from_its_text(domain: Domain, seed: int, index: int) -> None:
    value = domain.sample(np.random.default_rng(seed), sizes(domain.labels, 6, 4), index)
    if isinstance(value, np.ndarray):
        with pytest.raises(InvalidParameterError, match="has no plain form"):
            domain.text(value)
    else:
        text = domain.text(value)
        assert isinstance(text, str | int | float | bool)
        assert domain.make(text, {}) == value
        assert domain.text(domain.make(text, {})) == text


@every_member
def test_what_a_domain_makes_it_accepts_with_the_sizes_that_were_given(domain: Named, member: str) -> None:
    made = domain.make(member, given_to(domain))
    domain.check(member)
    accepted = domain.accept(made)
    assert all(SIZES[label] == count for label, count in domain.sizes(accepted).items())


@every_member
def test_a_member_is_fixed_by_its_name_and_its_sizes(domain: Named, member: str) -> None:
    assert same(domain.make(member, given_to(domain)), domain.make(member, given_to(domain)))


@pytest.mark.parametrize("domain", [domain for domain in DOMAINS if domain.growing], ids=repr)
def test_what_grows_is_a_member_at_every_size(domain: Symmetric) -> None:
    for name, d in itertools.product(domain.growing, (2, 5, 40)):
        domain.accept(domain.make(name, {"d": d}))


@every_domain
@pytest.mark.parametrize("member", ["no such:1", "exponential:x", "3;4", math.nan, None, "\x1b[31m", "gaussian:-1"])
def test_what_is_no_member_is_refused_in_one_line(domain: Domain, member: Any) -> None:
    for call in (domain.check, lambda text: domain.make(text, given_to(domain))):
        with pytest.raises(InvalidParameterError) as refusal:
            call(member)
        assert "\n" not in str(refusal.value)
        assert "\x1b" not in str(refusal.value)


@pytest.mark.parametrize(
    "member, told",
    [
        ("exponential:1.5", "must have a seed, a whole number ≥ 0 after exponential:, got 'exponential:1.5'"),
        ("geometric:half", "must have a number after geometric:, got 'geometric:half'"),
        ("flat:1", "must be named, one of exponential, uniform"),
        (3, "must be named, one of exponential, uniform"),
    ],
)
def test_a_text_that_is_no_member_is_told_with_what_would_be_one(member: int | str, told: str) -> None:
    with pytest.raises(InvalidParameterError) as refusal:
        Symmetric().check(member)
    assert str(refusal.value).startswith(told)


def test_a_member_whose_size_is_not_there_says_which() -> None:
    with pytest.raises(InvalidParameterError, match=r"^B needs d, which the configuration does not have$"):
        materialise({"B": "uniform:1"}, {"B": Symmetric()})
    with pytest.raises(InvalidParameterError, match=r"^Gamma needs B, which the configuration does not have$"):
        materialise({"d": 3, "Gamma": "aligned"}, {"Gamma": Covariance(along="B")})
    with pytest.raises(InvalidParameterError, match=r"^W cannot be made by name: the domain does not name all of its"):
        materialise({"d": 3, "W": "gaussian"}, {"W": Neurons("d", "")})


def test_values_are_made_in_the_order_in_which_they_follow_one_another() -> None:
    domains = {"Gamma": Covariance(along="B"), "B": Symmetric(semidefinite=True)}
    first, second = (
        materialise({**dict(pairs), "d": 4}, domains)
        for pairs in itertools.permutations([("Gamma", "aligned"), ("B", "uniform:1")])
    )
    np.testing.assert_array_equal(first["Gamma"], second["Gamma"])
    np.testing.assert_allclose(first["Gamma"], first["B"] / first["B"].sum())


HALVED = Relation(name="halved", sentence="x is half of y", parameter="x", value=lambda x, y: y / 2)


def test_a_relation_ties_what_it_names_and_leaves_the_rest() -> None:
    domains = {name: Real() for name in "xyz"}
    assert materialise({"x": 1.0, "y": 3.0, "z": 2.0}, domains, (HALVED,)) == {"x": 1.5, "y": 3.0, "z": 2.0}
    assert materialise({"x": 1.0, "z": 2.0}, domains, (HALVED,)) == {"x": 1.0, "z": 2.0}


def test_nothing_happens_to_a_scalar_because_of_what_it_is_called() -> None:
    given = {"Gamma": 2.0, "Sigma": 3.0, "B": 0.5, "d": 4, "W": 1.0}
    assert materialise(given, {name: Real() for name in given}) == given
    assert materialise(given, {}) == given


def test_typed_values_are_written_as_their_domains_write_them() -> None:
    domains = {"widths": ListOf(ListOf(Integer(1), separator="-", empty="linear")), "losses": ListOf(Real(0))}
    written = plain({"widths": [(300,), (150, 15), ()], "losses": (0.5, 1, 1e-5, 0.1 + 0.2), "n": 3}, domains)
    assert written == {"widths": "300 150-15 linear", "losses": "0.5 1 1e-05 0.30000000000000004", "n": 3}
    assert materialise(written, domains) == {
        "widths": [[300], [150, 15], []], "losses": [0.5, 1.0, 1e-5, 0.1 + 0.2], "n": 3,
    }  # fmt: skip
    with pytest.raises(InvalidParameterError, match=r"^losses must be a real number > 0, got -1"):
        plain({"losses": (-1,)}, domains)


class Angles(Domain):
    """A domain that nobody here knows: all that it needs stands in this one class."""

    families: ClassVar = {"even": Family(lambda _, n: np.arange(n) * 2 * math.pi / n)}
    labels = ("n",)
    growing = ("even",)

    def accept(self, value: Any) -> np.ndarray:
        angles = np.asarray(value, dtype=float)
        if angles.ndim != 1 or (angles < 0).any() or (angles >= 2 * math.pi).any():
            raise InvalidParameterError("must be angles in [0, 2π)")
        return angles

    def describe(self) -> str:
        return "angles in [0, 2π)"

    def sizes(self, value: Any) -> dict[str, int]:
        return {"n": len(value)}

    def check(self, member: Scalar) -> None:
        if member not in self.families:
            raise InvalidParameterError(f"must be even, got {member!r}")

    def make(self, member: Scalar, given: Mapping[str, Any]) -> np.ndarray:
        self.check(member)
        return np.asarray(self.families[str(member)].make(0, given["n"]))

    def sample(self, rng: np.random.Generator, sizes: Sizes, index: int) -> np.ndarray:
        return rng.uniform(0, 2 * math.pi, sizes.of("n", sizes.count))


@pytest.fixture
def of_angles() -> Limit:
    """A limit of angles: the mean cosine of n even angles tends to 0."""
    import sympy as sp

    from lazy_assay.theory import Decoy, Eq, Parameter, Quantity

    n, C, angles = sp.Symbol("n", positive=True), sp.Symbol("C"), sp.Symbol("phi", commutative=False)
    return Limit(
        sentence="The mean cosine tends to zero.",
        quantity=Quantity(symbol=C, meaning="mean cosine", low=-1, high=1),
        statement=Eq(C, sp.Integer(0)),
        rate=1 / n,
        parameters=(Parameter("n", n, "how many", Integer(1)), Parameter("phi", angles, "angles", Angles())),
        published=lambda: 0.0,
        finite=lambda n, phi: float(np.cos(phi).mean()) + 1 / n,
        limit_of=lambda n: {},
        growth=Growth(size="n", others=lambda n, ratio: {}),
        decoys=(Decoy(name="one", sentence="one", published=lambda: 1.0),),
    )


def test_a_domain_of_ones_own_is_sampled_made_drawn_and_grown_with_nothing_edited_here(of_angles: Limit) -> None:
    from hypothesis import find

    from lazy_assay.checks.configurations.strategies import ImpossibleDomainError, configurations
    from lazy_assay.checks.procedures import chain
    from lazy_assay.checks.vocabulary.space import Between, Members, Space

    assert of_angles.finite
    (point,) = points(of_angles, of_angles.finite, key=1, count=1)
    assert point["n"] == len(point["phi"]) == 5
    assert materialise({"n": 4, "phi": "even"}, of_angles.domains)["phi"][1] == math.pi / 2
    space = Space(draws={"n": Between(2, 9), "phi": Members(("even",))})
    assert find(configurations(of_angles.domains, space), lambda drawn: True) == {"n": 2, "phi": "even"}
    with pytest.raises(ImpossibleDomainError, match=r"phi: .* leaves the domain, angles in \[0, 2π\)"):
        configurations(of_angles.domains, Space(draws={"phi": Members(("odd",))}))
    assert chain._variants(of_angles) == [{"phi": "even"}]
    assert chain._gap(of_angles, math.nan, {"phi": "even"}, 8) == pytest.approx(1 / 8)
