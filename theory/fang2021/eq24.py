"""Eq. (24): a discrete network's distance from the continuous one is the variance of a neuron over m.

    E‖f([u,θ], x) − f(ρ, x)‖² = (1/m) ∫ ‖α u h(θ, x) − f(ρ, x)‖² dρ(u, θ)      (printed with ≈).

`independent`. Exact for neurons drawn independently from ρ: f − f(ρ) is the mean of m independent centred terms.
`resampled` is the same with ρ a given finite population of neurons, drawn from with replacement: the variance is then a
sum over the population, and f(ρ, x) the population's own network.

`trained`. Of trained networks the paper says that "the hidden units … can be regarded as m (nearly) independent
samples" from ρ. Marginally each is; jointly they are not: every network of the ensemble fits the same data, so at the
training points the sum of its m terms is pinned, Var(Σ_j) = m Var + m(m−1) Cov with Cov ≈ −Var/(m−1) < 0. So a trained
network is closer to the mean of the ensemble than (24) says. Beside it stands the control that leaves every marginal
law as it is and breaks the dependence alone: networks put together of neurons of m different networks obey (24).

Source: Fang, Dong, Zhang 2021, section VI, Eq. (24) and the sentence before it.
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Identity,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Real,
    Source,
)
from lazy_assay.theory._mathematics.two_layer import (
    ACTIVATION,
    CENTRES,
    CONVENTION,
    SCALE,
    THETA,
    WIDTH,
    Array,
    U,
    features,
    m,
)
from lazy_assay.theory.fang2021 import PAPER

v = sp.Symbol("v", positive=True)
DISTANCE = Quantity(
    symbol=sp.Symbol("E"),
    meaning="mean of |f(x) − f(ρ, x)|² over networks",
    units="squared output",
    low=0,
    latex=r"\mathbb{E}\|f([u,\theta],x)-f(\rho,x)\|_2^2",
)
VARIANCE = Parameter(
    "variance",
    v,
    "∫ ‖α u h(θ, x) − f(ρ, x)‖² dρ, the variance of one neuron",
    Real(0),
    latex=r"\int\|\alpha u h(\theta,x)-f(\rho,x)\|_2^2\,\mathrm{d}\rho(u,\theta)",
)
COPIES = Parameter("copies", sp.Symbol("r", positive=True, integer=True), "copies of each neuron drawn", Integer(1))
DRAWN = Parameter("N", sp.Symbol("N", positive=True, integer=True), "neurons drawn from the population", Integer(1))


def distance(variance: float, m: int) -> float:
    """Variance of one neuron over the width."""
    return variance / m


def population_variance(theta: Array, u: Array, alpha: float, activation: str, centres: Array) -> float:
    """Variance of α u h(θ, x) over the neurons of a given network, summed over the inputs."""
    return float((alpha * features(theta, centres, activation) * u).var(axis=1).sum())


def _second_moment(theta: Array, u: Array, alpha: float, activation: str, centres: Array) -> float:
    """The same without f(ρ, x)."""
    return float(((alpha * features(theta, centres, activation) * u) ** 2).mean(axis=1).sum())


of_population = Auxiliary(
    symbol=sp.Symbol("V", positive=True),
    meaning="variance of one neuron over the population, summed over inputs",
    value=population_variance,
    latex=r"\int\|\alpha u h(\theta,x)-f(\hat\rho,x)\|_2^2\,\mathrm{d}\hat\rho(u,\theta)",
)
CLAIM = Claim(
    module=__name__,
    title="A discrete network is one over m times a neuron's variance away from the continuous one",
    source=Source(paper=PAPER, locator="section VI, Eq. (24)"),
    convention=CONVENTION,
    parts=(
        Identity(
            name="independent",
            sentence="For independent neurons the mean squared distance is the variance of one neuron over m, exactly.",
            quantity=DISTANCE,
            statement=Eq(DISTANCE.symbol, v / m),
            latex=(
                r"\mathbb{E}\|f([u,\theta],x)-f(\rho,x)\|_2^2=\frac{1}{m}\int\|\alpha u h(\theta,x)"
                r"-f(\rho,x)\|_2^2\,\mathrm{d}\rho(u,\theta)"
            ),
            parameters=(VARIANCE, WIDTH, COPIES),
            assumptions=(
                Assumption(
                    name="independence", sentence="every neuron is drawn anew", holds=lambda copies: copies == 1
                ),
            ),
            published=distance,
            finite=distance,
            decoys=(
                Decoy(
                    name="one more",
                    sentence="m + 1 for m",
                    published=lambda variance, m: variance / (m + 1),
                    finite=lambda variance, m: variance / (m + 1),
                ),
                Decoy(
                    name="root",
                    sentence="1/√m, the distance for its square",
                    published=lambda variance, m: variance / m**0.5,
                    finite=lambda variance, m: variance / m**0.5,
                ),
            ),
        ),
        Identity(
            name="resampled",
            ours=True,
            sentence="The same for N neurons drawn with replacement from those of a given network.",
            quantity=DISTANCE,
            statement=Eq(DISTANCE.symbol, of_population.symbol / DRAWN.symbol),
            latex=(
                r"\mathbb{E}\|f([u,\theta],x)-f(\rho,x)\|_2^2=\frac{1}{N}\int\|\alpha u h(\theta,x)"
                r"-f(\hat\rho,x)\|_2^2\,\mathrm{d}\hat\rho(u,\theta)"
            ),
            parameters=(THETA, U, SCALE, ACTIVATION, CENTRES, DRAWN),
            auxiliary=(of_population,),
            published=lambda theta, u, alpha, activation, centres, N: (
                population_variance(theta, u, alpha, activation, centres) / N
            ),
            decoys=(
                Decoy(
                    name="not centred",
                    sentence="∫ ‖α u h‖² dρ, without f(ρ, x)",
                    published=lambda theta, u, alpha, activation, centres, N: (
                        _second_moment(theta, u, alpha, activation, centres) / N
                    ),
                ),
                Decoy(
                    name="one more",
                    sentence="N + 1 for N",
                    published=lambda theta, u, alpha, activation, centres, N: (
                        population_variance(theta, u, alpha, activation, centres) / (N + 1)
                    ),
                ),
            ),
        ),
        Observation(
            name="trained",
            ours=True,
            sentence="A trained network is much closer to the mean of trained networks than (24) says of independent "
            "neurons with its neurons' law (m = 12 at α = 1, m = 16 at α = √m).",
            quantity=Quantity(
                symbol=sp.Symbol("log_r"),
                meaning="log of (24)'s right-hand side over the left, trained neurons in both",
                units="natural logarithm of a ratio",
            ),
            errata=(
                Erratum(
                    gravity=Gravity.RESULT,
                    locator="section VI, the sentence before Eq. (24)",
                    printed="when m is large, the hidden units of a discrete NN can be regarded as m (nearly) "
                    "independent samples from ρ … it follows that the error is caused by the variance of sampling",
                    corrected="(24) holds for neurons drawn independently from ρ; those of one trained network have "
                    "the marginal law ρ and are negatively correlated, and its error is smaller",
                    derivation="Training pins Σ_j α u_j h(θ_j, x_i)/m near y_i in every network, so Var(f(x_i)) = "
                    "Var/m + (1 − 1/m) Cov falls to the variance of the residual: Cov is near −Var/(m − 1).",
                    evidence="ensembles of trained networks against networks put together of neurons of different ones",
                    charitable=(
                        "“Nearly” is right for any fixed number of neurons as m grows; the error of the "
                        "network is a sum over all m of them, where correlations of order 1/m add up to the "
                        "order of the variance."
                    ),
                ),
            ),
        ),
    ),
)
