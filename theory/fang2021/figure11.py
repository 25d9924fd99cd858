"""Figure 11: neurons drawn by importance from a wide network, and the "wasted" ones.

"We train a large NN (m = 10000) with regularization 10⁻³, which leads to many 'wasted' neurons. We want to prune the NN
by choosing only 10 effective neurons, and finetune the weight u … (1) uniform sampling … (2) importance sampling, which
take the corresponding u as the importance of neurons … the performance of importance sampling outperforms uniform
sampling significantly. This also confirms that in a wide network, some neurons may get stuck due to the non strong
convexity of the formulation."

`sampling`, the idea, exactly. Let N neurons J be drawn with probabilities p_j and weighted by 1/(m N p_J): f̂ is a mean
of N independent terms t = α u_J h_J/(m p_J) with E t = f, so that (norms over the inputs)

    E‖f̂ − f‖² = (1/N) (E‖t‖² − ‖f‖²) = (1/N) (Σ_j ‖α u_j h_j/m‖²/p_j − ‖f‖²).

`gain`. By Cauchy and Schwarz Σ a_j²/p_j ≥ (Σ a_j)², with equality at p_j ∝ a_j = α|u_j|‖h_j‖/m: the least. Uniform
draws have m Σ a_j², so that the difference is (1/N)(m Σ a_j² − (Σ a_j)²) = (1/N) Var over neurons of α|u|‖h‖: none
where |u|‖h‖ is constant over neurons.

`pruned` and beyond. After a refit of u only the span of the selected features counts: u_j says nothing of h_j's use,
but for what training made of it. Where nothing is wasted, importance has nothing to avoid. ReLU neurons without a
positive preactivation at any point have no gradient but the regulariser's; waste is free there, for u or θ alone may be
shrunk, and decay takes both away (`optimality`: waste only where the first variation allows it). For tanh, with no such
neurons, there is less to gain (`waste`).

Remark: non-uniqueness of ρ does not make neurons "stuck". φ can lack strong convexity with no waste at all (tanh here);
that a neuron may be useless at no cost is homogeneity and dead regions of h.
Source: Fang, Dong, Zhang 2021, section VI, Figure 11 and the paragraph on it.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Choice,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Remark,
    Source,
)
from lazy_assay.theory._mathematics.two_layer import ACTIVATION, CENTRES, CONVENTION, SCALE, THETA, U, features
from lazy_assay.theory.fang2021 import PAPER

Array = np.ndarray
DRAWN = Parameter("N", sp.Symbol("N", positive=True, integer=True), "neurons drawn", Integer(1))
IMPORTANCE = Parameter("importance", sp.Symbol("i"), "p_j ∝ 1, |u_j| or |u_j|‖h_j‖", Choice(("uniform", "u", "uh")))
NETWORK = (THETA, U, SCALE, ACTIVATION, CENTRES)
DISTANCE = Quantity(
    symbol=sp.Symbol("E"),
    meaning="mean of ‖f̂ − f‖² over the inputs",
    units="squared output",
    low=0,
    latex=r"\mathbb{E}\|\hat f-f\|^2",
)
GAIN = Quantity(
    symbol=sp.Symbol("D"),
    meaning="‖f̂ − f‖² by uniform draws less that by importance |u|‖h‖",
    units="squared output",
    latex=r"(\mathbb{E}_{\mathrm{uniform}}\|\hat f-f\|^2-\mathbb{E}_{|u|\|h\|}\|\hat f-f\|^2)",
)
ACCURACY = Quantity(symbol=sp.Symbol("A"), meaning="difference of test accuracies", units="share of the points")
STUCK = Remark(
    locator="section VI, last sentence on Figure 11; section V, on Figure 6 (c)",
    sentence="“Wasted … due to the non strong convexity” joins two things. That minimisers are not unique is true "
    "without waste (tanh); that a neuron may be without effect at no cost comes of h: dead regions and homogeneity.",
)


def _terms(theta: Array, u: Array, alpha: float, activation: str, centres: Array) -> Array:
    """α u_j h(θ_j, x_i)/m, (inputs, m)."""
    return np.asarray(alpha / len(u) * features(theta, centres, activation) * u)


def _probabilities(u: Array, terms: Array, importance: str) -> Array:
    """p_j."""
    sizes = {"uniform": np.ones(len(u)), "u": np.abs(u), "uh": np.linalg.norm(terms, axis=0), "squares": u**2}
    return np.asarray(sizes[importance] / sizes[importance].sum())


def _second(terms: Array, p: Array) -> float:
    """Σ_j ‖α u_j h_j/m‖²/p_j; a neuron that has no effect is never drawn for it."""
    squares = np.square(terms).sum(axis=0)
    return float(np.divide(squares, p, out=np.zeros_like(p), where=p > 0).sum())


def second_moment(theta: Array, u: Array, alpha: float, activation: str, centres: Array, importance: str) -> float:
    """E‖α u_J h_J/(m p_J)‖² with the importance's p."""
    terms = _terms(theta, u, alpha, activation, centres)
    return _second(terms, _probabilities(u, terms, importance))


def squared_norm(theta: Array, u: Array, alpha: float, activation: str, centres: Array) -> float:
    """‖f‖² over the inputs."""
    return float(np.square(_terms(theta, u, alpha, activation, centres).sum(axis=1)).sum())


def distance(theta: Array, u: Array, alpha: float, activation: str, centres: Array, importance: str, N: int) -> float:
    """(1/N) (Σ_j ‖α u_j h_j/m‖²/p_j − ‖f‖²)."""
    network = (theta, u, alpha, activation, centres)
    # With one neuron that matters the two are equal, and rounding may leave less than nothing.
    return max(0.0, second_moment(*network, importance) - squared_norm(*network)) / N


def reach_variance(theta: Array, u: Array, alpha: float, activation: str, centres: Array) -> float:
    """Variance over neurons of α|u_j|‖h_j‖."""
    return float(np.var(len(u) * np.linalg.norm(_terms(theta, u, alpha, activation, centres), axis=0)))


SECOND = Auxiliary(
    symbol=sp.Symbol("Q"),
    meaning="Σ_j ‖α u_j h_j/m‖²/p_j",
    value=second_moment,
    latex=r"\sum_j\frac{\|\alpha u_j h_j/m\|^2}{p_j}",
)
NORM = Auxiliary(symbol=sp.Symbol("F"), meaning="‖f‖² over the inputs", value=squared_norm, latex=r"\|f\|^2")
VARIANCE = Auxiliary(
    symbol=sp.Symbol("V"),
    meaning="variance over neurons of α|u_j|‖h_j‖",
    value=reach_variance,
    latex=r"\operatorname{Var}_j(\alpha|u_j|\|h_j\|)",
)
CLAIM = Claim(
    module=__name__,
    title="Neurons drawn by importance, and what is wasted",
    source=Source(paper=PAPER, locator="section VI, Figure 11 and the paragraph on it"),
    convention=CONVENTION + " Observations: digits, 100 points, m = 100, θ ~ N(0, 0.09), squared loss to one-hot "
    "targets, decay 0.003 a neuron, u of 10 neurons fitted again by ridge regression.",
    parts=(
        Identity(
            name="sampling",
            ours=True,
            sentence="With neurons drawn with p_j and weighted by 1/p_j the squared distance is "
            "(1/N)(Σ‖αu_jh_j/m‖²/p_j − ‖f‖²), exactly.",
            quantity=DISTANCE,
            statement=Eq(DISTANCE.symbol, (SECOND.symbol - NORM.symbol) / DRAWN.symbol),
            latex=r"\mathbb{E}\|\hat f-f\|^2=\frac{1}{N}\left(\sum_j\frac{\|\alpha u_j h_j/m\|^2}{p_j}-\|f\|^2\right)",
            parameters=(*NETWORK, IMPORTANCE, DRAWN),
            auxiliary=(SECOND, NORM),
            published=distance,
            decoys=(
                Decoy(
                    name="p ∝ u²",
                    sentence="probabilities in proportion to u_j²",
                    published=lambda theta, u, alpha, activation, centres, N: distance(
                        theta, u, alpha, activation, centres, "squares", N
                    ),
                ),
                Decoy(
                    name="not centred",
                    sentence="without ‖f‖²",
                    published=lambda theta, u, alpha, activation, centres, importance, N: (
                        second_moment(theta, u, alpha, activation, centres, importance) / N
                    ),
                ),
            ),
        ),
        Identity(
            name="gain",
            ours=True,
            sentence="Importance |u|‖h‖ is better than uniform draws by the variance of α|u|‖h‖ over neurons, over N.",
            quantity=GAIN,
            statement=Eq(GAIN.symbol, VARIANCE.symbol / DRAWN.symbol),
            latex=(
                r"\mathbb{E}_{\mathrm{uniform}}\|\hat f-f\|^2-\mathbb{E}_{|u|\|h\|}\|\hat f"
                r"-f\|^2=\frac{1}{N}\operatorname{Var}_j(\alpha|u_j|\|h_j\|)"
            ),
            parameters=(*NETWORK, DRAWN),
            auxiliary=(VARIANCE,),
            published=lambda theta, u, alpha, activation, centres, N: (
                reach_variance(theta, u, alpha, activation, centres) / N
            ),
            decoys=(
                Decoy(
                    name="|u| alone",
                    sentence="uniform draws against importance |u|",
                    published=lambda theta, u, alpha, activation, centres, N: (
                        distance(theta, u, alpha, activation, centres, "uniform", N)
                        - distance(theta, u, alpha, activation, centres, "u", N)
                    ),
                ),
                Decoy(
                    name="one more",
                    sentence="N + 1 for N",
                    published=lambda theta, u, alpha, activation, centres, N: (
                        reach_variance(theta, u, alpha, activation, centres) / (N + 1)
                    ),
                ),
            ),
        ),
        Observation(
            name="pruned",
            sentence="Ten neurons of a ReLU network drawn by importance, u fitted again, test better than ten drawn "
            "alike.",
            quantity=ACCURACY,
            remarks=(STUCK,),
        ),
        Observation(
            name="waste",
            ours=True,
            sentence="What importance gains is more for ReLU with decay on both layers than for tanh.",
            quantity=ACCURACY,
        ),
    ),
)
