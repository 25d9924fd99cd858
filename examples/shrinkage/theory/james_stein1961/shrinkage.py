"""The risk of the James–Stein estimator: δ(X) = (1 − (d − 2)/‖X‖²)X for one draw X ~ N(θ, I) in d dimensions.

    E‖δ(X) − θ‖² = d − (d − 2)² E[1/(d − 2 + 2K)],    K ~ Poisson(‖θ‖²/2),

less than the d of X itself at every θ, as soon as d ≥ 3.

Derivation. With δ = X − g, g = (d − 2)X/‖X‖², Stein's lemma E<X − θ, g> = E div g = (d − 2)² E‖X‖⁻² and ‖g‖² = (d −
2)²/‖X‖² give d − (d − 2)² E‖X‖⁻². ‖X‖² is χ² of d + 2K degrees of freedom, whose inverse has mean 1/(d + 2K − 2). The
Poisson mean is Kummer's function: (d − 2) E[1/(d − 2 + 2K)] = ₁F₁(1; d/2; −‖θ‖²/2).

Parts, per coordinate, with c = ‖θ‖²/d: `risk` the equation, at every d; `limit` its limit c/(1 + c), that of the best
linear shrinkage, which has to be told c. ‖X‖² has mean d(1 + c) and variance 2d(1 + 2c), hence E‖X‖⁻² = 1/(d(1 + c)) +
2(1 + 2c)/(d²(1 + c)³) + O(d⁻³): what is left is [4/(1 + c) − 2(1 + 2c)/(1 + c)³]/d.

Convention: unit variance in every coordinate, as in the paper. Source: James and Stein 1961, section 2.
"""

import math

import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Growth, Identity, Integer, Limit, Parameter, Quantity, Real, Source

from . import PAPER

d = sp.Symbol("d", positive=True, integer=True)
c = sp.Symbol("c", nonnegative=True)
R = sp.Symbol("R", nonnegative=True)

RISK = Quantity(symbol=R, meaning="E‖δ(X) − θ‖²/d, squared error per coordinate", units="variances", low=0)
DIMENSION = Parameter("d", d, "dimension", Integer(3))
SIGNAL = Parameter("signal", c, "c = ‖θ‖²/d, squared mean per coordinate", Real(0, closed_low=True), "variances")


def inverse_norm(d: int, signal: float) -> float:
    """(d − 2) E‖X‖⁻² = Σ_k P(K = k)(d − 2)/(d − 2 + 2k), summed within ten standard deviations of the mean of K."""
    mean = signal * d / 2
    reach = 10 * math.sqrt(mean) + 40
    counts = range(max(0, math.floor(mean - reach)), math.ceil(mean + reach) + 1)
    logs = ((k * math.log(mean) if mean else 0.0 if k == 0 else -math.inf) - mean - math.lgamma(k + 1) for k in counts)
    return math.fsum(math.exp(log) * (d - 2) / (d - 2 + 2 * k) for log, k in zip(logs, counts, strict=True))


def risk(d: int, signal: float) -> float:
    """1 − (d − 2)²/d E‖X‖⁻²."""
    return 1 - (d - 2) / d * inverse_norm(d, signal)


def limit(signal: float) -> float:
    """c/(1 + c)."""
    return signal / (1 + signal)


def _whole_d(d: int, signal: float) -> float:
    # δ = (1 − d/‖X‖²)X: ‖g‖² and div g no longer balance.
    return 1 + (d * d - 2 * d * (d - 2)) / (d * (d - 2)) * inverse_norm(d, signal)


def _doubled_rate(d: int, signal: float) -> float:
    return risk(d, 2 * signal)


def _divergence_lost(d: int, signal: float) -> float:
    return 1 + (d - 2) / d * inverse_norm(d, signal)


def _coefficient(signal: float) -> float:
    return 4 / (1 + signal) - 2 * (1 + 2 * signal) / (1 + signal) ** 3


CLAIM = Claim(
    module=__name__,
    title="Risk of the James–Stein estimator",
    source=Source(paper=PAPER, locator="section 2"),
    convention="One draw X ~ N(θ, I); risks are divided by the dimension.",
    parts=(
        Identity(
            name="risk",
            sentence="The risk is 1 − (d − 2)/d · ₁F₁(1; d/2; −cd/2) at every dimension from three on.",
            quantity=RISK,
            statement=Eq(R, 1 - (d - 2) / d * sp.hyper([1], [d / 2], -c * d / 2)),
            parameters=(DIMENSION, SIGNAL),
            published=risk,
            decoys=(
                Decoy(name="d for d − 2", sentence="shrinks by d/‖X‖²", published=_whole_d),
                Decoy(name="a factor 2 lost", sentence="K ~ Poisson(‖θ‖²)", published=_doubled_rate),
                Decoy(name="divergence lost", sentence="E<X − θ, g> left out: + for −", published=_divergence_lost),
            ),
        ),
        Limit(
            name="limit",
            sentence="As the dimension grows the risk tends to that of the best linear shrinkage, c/(1 + c).",
            quantity=RISK,
            statement=Eq(R, c / (1 + c)),
            rate=1 / d,
            growth=Growth(size="d", others=lambda d, c: {"signal": c}, ratios=(0.5, 2.0), ratio="c"),
            parameters=(DIMENSION, SIGNAL),
            published=limit,
            finite=risk,
            limit_of=lambda d, signal: {"signal": signal},
            coefficient=_coefficient,
            decoys=(
                Decoy(name="the sample mean", sentence="nothing is gained: 1", published=lambda signal: 1.0),
                Decoy(
                    name="the signal as the noise",
                    sentence="1/(1 + c): the shares of signal and noise swapped",
                    published=lambda signal: 1 / (1 + signal),
                ),
            ),
        ),
    ),
)
