"""A dozen flaky tests from public trackers, each as it stood and as `expect` puts it, on one program that can be
broken.

What a thread does not state (a sample size, a law) is ours, chosen so that the reported rate of failures comes out
where one is reported. `broken` is the error that the rewritten test is asked to notice; the old one is held against
the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from lazy_assay import expect

Array = NDArray[np.float64]
Passed = NDArray[np.bool_]


def generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(seed))


@dataclass(frozen=True)
class FlakyTest:
    """old(rng, sessions, broken): whether it passed, shape (sessions,). new(broken): one check."""

    thread: str
    as_it_stood: str
    old: Callable[[np.random.Generator, int, bool], Passed]
    new: Callable[[bool], expect.Outcome]


def _variance(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    draws = 10 * math.sqrt(1 + broken * 0.5) * rng.random((sessions, 50))
    return np.asarray(np.abs(draws.var(axis=1, ddof=1) - 100 / 12) <= 4)


def _new_variance(broken: bool) -> expect.Outcome:
    def square(n: int, seed: int) -> Array:
        return (1 + broken * 0.5) * (10 * generator(seed).random(n) - 5) ** 2

    return expect.mean(square, equals=100 / 12, resolution=50 / 12, bounds=(0, 40))


def _three_sigma(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    # Mean and standard error of 10,000 exponential draws: the mean is a gamma variable.
    mean = (1 + broken * 0.1) * rng.gamma(10_000, 1 / 10_000, sessions)
    return np.asarray(np.abs(mean - 1) <= 3 * mean / 100)


def _new_three_sigma(broken: bool) -> expect.Outcome:
    def draw(n: int, seed: int) -> Array:
        return (1 + broken * 0.1) * generator(seed).standard_exponential(n)

    return expect.mean(draw, equals=1, resolution=0.1)


def _normal_mean(
    spread: float, n: int, tolerance: float, error: float, retries: int = 0
) -> Callable[[np.random.Generator, int, bool], Passed]:
    def old(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
        means = rng.normal(broken * error, spread / math.sqrt(n), (sessions, retries + 1))
        return np.asarray((np.abs(means) <= tolerance).any(axis=1))

    return old


def _new_normal_mean(spread: float, error: float, known: bool) -> Callable[[bool], expect.Outcome]:
    def new(broken: bool) -> expect.Outcome:
        def draw(n: int, seed: int) -> Array:
            return broken * error + spread * generator(seed).standard_normal(n)

        return expect.mean(draw, equals=0, resolution=error, sd=spread if known else None)

    return new


def _shapiro(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    from scipy.stats import shapiro

    draws = rng.uniform(-1, 1, (sessions, 100)) if broken else rng.standard_normal((sessions, 100))
    return np.array([shapiro(row).pvalue > 0.05 for row in draws])


def _new_shapiro(broken: bool) -> expect.Outcome:
    def draw(n: int, seed: int) -> Array:
        rng = generator(seed)
        return math.sqrt(3) * rng.uniform(-1, 1, n) if broken else rng.standard_normal(n)

    # A uniform law is 0.057 away from the normal one of its mean and variance.
    return expect.law(draw, ndtr, resolution=0.057)


def _laplace_cdf(x: Array) -> Array:
    return np.where(x < 0, np.exp(np.minimum(x, 0)) / 2, 1 - np.exp(-np.maximum(x, 0)) / 2)


def _two_samples(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    n = 500
    passed = []
    for _ in range(sessions):
        ours, theirs = (np.sort(it) for it in ((1 + broken) * rng.laplace(size=n), rng.laplace(size=n)))
        both = np.concatenate([ours, theirs])
        gap = np.abs(np.searchsorted(ours, both, "right") - np.searchsorted(theirs, both, "right")).max() / n
        passed.append(gap <= math.sqrt(math.log(2 / 0.001) / n))
    return np.array(passed)


def _new_two_samples(broken: bool) -> expect.Outcome:
    # Twice the scale is a law 0.125 away.
    return expect.law(lambda n, s: (1 + broken) * generator(s).laplace(size=n), _laplace_cdf, resolution=0.125)


def _rerun(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    n, grid = 1000, np.arange(1000) / 1000
    passed = np.zeros(sessions, dtype=bool)
    for session in range(sessions):
        for _ in range(2):
            draws = np.sort(rng.random(n) ** (1 + broken * 0.3))
            distance = max((grid + 1 / n - draws).max(), (draws - grid).max())
            if distance <= 1.358 / math.sqrt(n):
                passed[session] = True
                break
    return passed


def _new_rerun(broken: bool) -> expect.Outcome:
    # The square root's law, x^(1/1.3), is 0.096 away from the uniform one.
    return expect.law(
        lambda n, s: generator(s).random(n) ** (1 + broken * 0.3), lambda x: np.clip(x, 0, 1), resolution=0.096
    )


def _two_runs(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    chances = np.linspace(0.1, 0.5, 233)
    one = rng.binomial(2000, chances, (sessions, 233)) / 2000
    other = rng.binomial(2000, chances + broken * 0.1 * (np.arange(233) == 0), (sessions, 233)) / 2000
    return np.asarray((np.abs(one - other) <= np.maximum(0.05, 0.2 * one)).all(axis=1))


def _new_two_runs(broken: bool) -> expect.Outcome:
    return expect.proportion(lambda n, s: generator(s).random(n) < 0.1 + 0.1 * broken, equals=0.1, resolution=0.1)


def _spread(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    spread = (1 + broken) * rng.standard_normal((sessions, 1000)).std(axis=1)
    return np.asarray(np.abs(spread - 1) <= 2)


def _new_spread(broken: bool) -> expect.Outcome:
    def square(n: int, seed: int) -> Array:
        return (1 + broken) ** 2 * generator(seed).standard_normal(n) ** 2

    return expect.mean(square, equals=1, resolution=0.75)


def _bits(rng: np.random.Generator, sessions: int, broken: bool) -> Passed:
    return np.asarray(rng.normal(1.35 + broken, 0.67, sessions) <= 3)


def _new_bits(broken: bool) -> expect.Outcome:
    def gap(n: int, seed: int) -> Array:
        return 1.35 + broken + 0.67 * generator(seed).standard_normal(n)

    return expect.mean(gap, at_most=1.5, resolution=0.8)


FLAKY_TESTS = (
    FlakyTest("Doenet/DoenetML#1975", "variance of 50 draws ± 4", _variance, _new_variance),
    FlakyTest("openmc-dev/openmc#2267", "mean within 3 sigma", _three_sigma, _new_three_sigma),
    FlakyTest(
        "flagos-ai/FlagGems#4386",
        "mean of 96,000 draws ± 0.1",
        _normal_mean(10, 96_000, 0.1, 1.0),
        _new_normal_mean(10, 1.0, known=True),
    ),
    FlakyTest(
        "pymc-devs/pymc#5409", "mean ± 0.1", _normal_mean(1, 1000, 0.1, 0.2), _new_normal_mean(1, 0.2, known=False)
    ),
    FlakyTest("Tribler/tribler#7081", "Shapiro's p > 0.05", _shapiro, _new_shapiro),
    FlakyTest("OpenMined/PipelineDP#449", "two-sample p >= 0.001", _two_samples, _new_two_samples),
    FlakyTest("zfit/zfit#290", "p > 0.05, rerun once", _rerun, _new_rerun),
    FlakyTest(
        "Samreay/ChainConsumer#86",
        "± 0.04, fails 8 of 50",
        _normal_mean(0.9, 1000, 0.04, 0.1),
        _new_normal_mean(0.9, 0.1, known=False),
    ),
    FlakyTest(
        "CERN/CAiMIRA#8",
        "± 0.002, 3 retries",
        _normal_mean(0.02, 400, 0.002, 0.004, retries=3),
        _new_normal_mean(0.02, 0.004, known=True),
    ),
    FlakyTest("rivirside/TransPlan#391", "two runs agree, 233 times", _two_runs, _new_two_runs),
    FlakyTest("nv-legate/cupynumeric#550", "deviation ± 200 %", _spread, _new_spread),
    FlakyTest("openfheorg/openfhe-development#1290", "one gap <= 3 bits", _bits, _new_bits),
)
