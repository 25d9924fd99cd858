from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from lazy_assay import expect
from lazy_assay.checks.statistics.sequence import Array


@pytest.fixture(autouse=True)
def session() -> Iterator[expect.Session]:
    with expect.Session() as opened:
        yield opened


def uniform(n: int, seed: int) -> Array:
    return np.random.default_rng(seed).random(n)


def diverging(n: int, seed: int) -> Array:
    return np.where(np.arange(n) == 5, np.nan, uniform(n, seed))


BAD_DRAWS: dict[str, tuple[Callable[[int, int], Any], str]] = {
    "no seed": (lambda n, seed: np.random.default_rng().random(n), "gave two different answers"),
    "seed ignored": (lambda n, seed: uniform(n, 0), "it must use its seed"),
    "two columns": (lambda n, seed: uniform(2 * n, seed).reshape(n, 2), r"shape \(16, 2\)"),
    "too few": (lambda n, seed: uniform(n - 1, seed), r"shape \(15,\)"),
    "one number": (lambda n, seed: 0.5, r"shape \(\)"),
    "words": (lambda n, seed: ["a"] * n, "real numbers"),
    "complex": (lambda n, seed: 1j * uniform(n, seed), "real numbers"),
    "none": (lambda n, seed: None, "real numbers"),
    "not a number": (diverging, "is nan"),
    "infinite": (lambda n, seed: np.full(n, np.inf), "is inf"),
    "a chain": (lambda n, seed: np.cumsum(uniform(n, seed) - 0.5), "must be independent"),
}


@pytest.mark.parametrize("kind", BAD_DRAWS)
def test_a_draw_that_is_none_is_refused_in_one_line(kind: str) -> None:
    draw, words = BAD_DRAWS[kind]
    with pytest.raises(expect.Refused, match=words) as caught:
        expect.mean(draw, equals=0.5, resolution=0.1)
    assert "\n" not in str(caught.value)


BAD_CALLS: dict[str, tuple[Callable[[], Any], str]] = {
    "nothing claimed": (lambda: expect.mean(uniform, resolution=0.1), "state one finite number"),
    "two claims": (lambda: expect.mean(uniform, equals=0, at_most=1, resolution=0.1), "state one finite number"),
    "claimed nan": (lambda: expect.mean(uniform, equals=float("nan"), resolution=0.1), "state one finite number"),
    "no resolution": (lambda: expect.mean(uniform, equals=0.5, resolution=0), "resolution=0"),
    "negative bias": (lambda: expect.mean(uniform, equals=0.5, resolution=0.1, bias=-1), "bias=-1"),
    "bounds reversed": (lambda: expect.mean(uniform, equals=0.5, resolution=0.1, bounds=(1, 0)), "the lower first"),
    "bounds broken": (lambda: expect.mean(uniform, equals=0.2, resolution=0.1, bounds=(0, 0.5)), "outside bounds"),
    "both": (lambda: expect.mean(uniform, equals=0.5, resolution=0.1, bounds=(0, 1), sd=1), "not both"),
    "sd": (lambda: expect.mean(uniform, equals=0.5, resolution=0.1, sd=-1), "sd=-1"),
    "no truths": (lambda: expect.proportion(uniform, equals=0.5, resolution=0.1), "neither 0 nor 1"),
    "chance": (lambda: expect.proportion(uniform, equals=1.5, resolution=0.1), "between 0 and 1"),
    "cdf falls": (lambda: expect.law(uniform, lambda x: 1 - x, resolution=0.1), "cdf must rise"),
    "cdf of one": (lambda: expect.law(uniform, lambda x: 0.5, resolution=0.1), "must work on arrays"),
    "coins without a seed": (
        lambda: expect.proportion(lambda n, s: uniform(n, 0) < 0.5, equals=0.5, resolution=0.1),
        "it must use its seed",
    ),
    "no cdf": (lambda: expect.law(uniform, "normal", resolution=0.1), "a function of an array"),
    "better": (lambda: expect.no_worse(uniform, uniform, resolution=0.1, better="more"), "lower or higher"),  # type: ignore[arg-type]
    "slope of two sizes": (lambda: slope([1, 2]), "do not grow"),
    "sizes that stay": (lambda: slope([1, 2, 2]), "do not grow"),
    "sizes that fall": (lambda: slope([4, 2, 1]), "do not grow"),
    "size zero": (lambda: slope([0, 1, 2]), "do not grow"),
    "size infinite": (lambda: slope([1, 2, float("inf")]), "do not grow"),
    "sizes of words": (lambda: slope(["a", "b", "c"]), "growing positive numbers"),
    "negative means": (
        lambda: expect.slope(lambda n, s, m: -uniform(n, s), [1, 2, 4], equals=0, resolution=0.1),
        "a power law is positive",
    ),
}


def slope(sizes: Any) -> expect.Outcome:
    return expect.slope(lambda n, s, m: uniform(n, s), sizes, equals=0, resolution=0.1)


@pytest.mark.parametrize("kind", BAD_CALLS)
def test_a_call_that_cannot_be_judged_is_refused_in_one_line(kind: str) -> None:
    call, words = BAD_CALLS[kind]
    with pytest.raises(expect.Refused, match=words) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_rounding_between_two_calls_is_no_randomness() -> None:
    calls = []

    def threaded(n: int, seed: int) -> Array:
        calls.append(n)
        return uniform(n, seed) * (1 + 1e-14 * len(calls))

    assert expect.mean(threaded, equals=0.5, resolution=0.1, sd=0.3).verdict == "right"


@pytest.mark.parametrize("chance", [0.0, 0.002, 0.05, 0.5, 1.0])
def test_rare_truths_are_neither_dependent_nor_without_a_seed(chance: float) -> None:
    with expect.Session(checks=1000, raises=False) as opened:
        for node in range(40):
            opened.begin(f"test {node}")
            expect.proportion(lambda n, s: uniform(n, s) < chance, equals=chance, resolution=0.1)
            expect.mean(lambda n, s: 1.0 * (uniform(n, s) < chance), equals=chance, resolution=0.1, bounds=(0, 1))
