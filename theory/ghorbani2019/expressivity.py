"""Section 1 and footnote 3: what N = O(d) neurons of a linearised network can capture of a polynomial target.

"F_RF,N(W) can only capture linear functions, while F_NT,N(W) can only capture quadratic functions" (for inputs on
the sphere [15]; for Gaussian inputs "NT with N = O(d) neurons can represent quadratic functions, and a
low-dimensional subspace of higher order polynomials"). Confronted by the exact share of a unit target's norm that
features with Gaussian weights capture:

* RF: a linear function in large part, the trace direction (‖x‖² − d)/√(2d) too (it is of rank one, and Theorem 1
says so), but a traceless
  quadratic x₁x₂ and a cubic He₃(x₁)/√6 in a share that falls to 0 with d at fixed N/d (N features against ~d²/2 and
  d³/6 directions).
* NT: a cubic in a share that falls with d at fixed N/d (N d features against d³/6 cubic directions: order N/d²·6).

That the shares fall to 0, and to nothing else, is proved at every d, by symmetry, as three Bounds. The law of W is
invariant under rotations of x, so the mean Π̄ of the projection on the features commutes with them. On a space V of
functions that rotations act irreducibly on, Π̄ is then a multiple of the identity (Schur): each unit target in V is
captured in the mean share Tr(Π̄ on V)/dim V ≤ (number of features)/dim V. Traceless quadratic forms have dimension
(d−1)(d+2)/2. He₃(x₁)/√6 has the share 3/(d+2) in the cubics of type x₁|x|² (a vector), which features capture at most
wholly, and the rest in harmonic cubics, of dimension d(d+4)(d−1)/6; between the two Π̄ has no entry. So

    RF, x₁x₂: ≤ 2N/((d−1)(d+2));    cubic: ≤ 3/(d+2) + (d−1)/(d+2)·6F/(d(d+4)(d−1)),  F = N for RF, N d for NT,

all O(1/d) at fixed N/d. (The first is sharp for x² − 1, whose features are all quadratic.)

`cubic_features`: what is exact behind the cubic two. Features that are all cubic, those of He₃ with unit weights, or
the cubic parts He₂(uᵀx)x_k of its tangent features, span F dimensions of cubics, F = N or N d. With a and b the mean
shares of a vector and of a harmonic cubic, Tr Π̄ = d·a + dim·b = F, and He₃(x₁)/√6 has the mean share c = 3a/(d+2) +
(d−1)b/(d+2). Without b,

    c − 3a/(d+4) = 6F/(d(d+2)(d+4))     at every d and N, for a law of W that is invariant under rotations.

The bounds follow by a ≤ 1, and are loose by what is lost of a, and by the d dimensions of vectors: with F all of them,
d(d+1)(d+2)/6, both sides are (d+1)/(d+4) and c = a = 1. Tangent features are independent for almost all weights as long
as F is no larger, but for 7 neurons at d = 5 (Alexander and Hirschowitz 1995, on powers of linear forms).

RF and NT themselves are Observations: [15] is cited, not proved, and states no constant. The trace direction is our
addition to the printed sentence: "only linear functions" is wrong for it at N = O(d) with Gaussian inputs, as Theorem
1 of this very paper shows. Source: Ghorbani et al. 2019, section 1, paragraph on [15], and footnote 3.
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Auxiliary,
    Bound,
    Choice,
    Claim,
    Decoy,
    Eq,
    Identity,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Source,
)
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._activations import ACTIVATIONS
from lazy_assay.theory.ghorbani2019._quadratic_target import NEURONS, N, activation_parameter, d

DIMENSION = Parameter("d", d, "input dimension", Integer(2))
RF_SHARE = Quantity(
    symbol=sp.Symbol("c_RF"),
    meaning="mean captured share of a unit target",
    units="share of ‖f*‖²",
    latex=r"c_{\mathrm{RF}}",
)
NT_SHARE = Quantity(
    symbol=sp.Symbol("c_NT"),
    meaning="mean captured share of a unit target",
    units="share of ‖f*‖²",
    latex=r"c_{\mathrm{NT}}",
)
ACTIVATION = activation_parameter(tuple(ACTIVATIONS))
MODELS = ("features", "tangent")
F = sp.Symbol("F", positive=True)
HARMONIC = d * (d + 4) * (d - 1) / 6
VECTOR = 3 / (d + 2)


def traceless(d: int, N: int) -> float:
    """2N/((d−1)(d+2))."""
    return 2 * N / ((d - 1) * (d + 2))


def cubic(d: int, features: int) -> float:
    """3/(d+2) + (d−1)/(d+2)·F/dim of the harmonic cubics."""
    return 3 / (d + 2) + (d - 1) / (d + 2) * 6 * features / (d * (d + 4) * (d - 1))


def cubic_of_features(d: int, N: int) -> float:
    """The bound for N random features."""
    return cubic(d, N)


def cubic_of_tangent(d: int, N: int) -> float:
    """The bound for N d tangent features."""
    return cubic(d, N * d)


def features(d: int, N: int, model: str) -> int:
    """N, or N d."""
    return N * (d if model == "tangent" else 1)


def independent(d: int, N: int, model: str) -> bool:
    """Whether F features are independent for almost all weights."""
    return 6 * features(d, N, model) <= d * (d + 1) * (d + 2) and (d, N, model) != (5, 7, "tangent")


def without_vector(d: int, N: int, model: str) -> float:
    """6F/(d(d+2)(d+4))."""
    return 6 * features(d, N, model) / (d * (d + 2) * (d + 4))


CUBIC_FEATURES = Identity(
    name="cubic_features",
    ours=True,
    sentence="Of F features that are all cubic, the mean shares c of He₃(x₁) and a of x₁|x|² obey c − 3a/(d+4) = "
    "6F/(d(d+2)(d+4)) exactly.",
    quantity=Quantity(
        symbol=sp.Symbol("z", real=True),
        meaning="E[c − 3a/(d+4)], c and a the captured shares of He₃(x₁)/√6 and of the vector x₁(|x|² − d − 2)",
        units="share of ‖f*‖²",
        latex=r"\mathbb{E}\left[c-\frac{3a}{d+4}\right]",
    ),
    statement=Eq(sp.Symbol("z", real=True), 6 * F / (d * (d + 2) * (d + 4))),
    latex=r"\mathbb{E}\left[c-\frac{3a}{d+4}\right]=\frac{6F}{d(d+2)(d+4)}",
    parameters=(
        DIMENSION,
        NEURONS,
        Parameter("model", sp.Symbol("mathcal_M"), "features of neurons, or tangent ones", Choice(MODELS)),
    ),
    auxiliary=(Auxiliary(symbol=F, meaning="features: N, or N d", value=features),),
    assumptions=(
        Assumption(
            name="independent",
            sentence="F ≤ d(d+1)(d+2)/6, and no 7 tangent neurons at d = 5",
            holds=independent,
            required=True,
        ),
    ),
    published=without_vector,
    decoys=(
        Decoy(
            name="harmonic ones alone",
            sentence="6F/(d(d−1)(d+4)): F over the dimension of harmonic cubics",
            published=lambda d, N, model: 6 * features(d, N, model) / (d * (d - 1) * (d + 4)),
        ),
        Decoy(
            name="all alike",
            sentence="6F/(d(d+1)(d+2)): F over the dimension of all cubics",
            published=lambda d, N, model: 6 * features(d, N, model) / (d * (d + 1) * (d + 2)),
        ),
    ),
)
RF_TRACELESS = Bound(
    name="RF_traceless",
    sentence="Of a traceless quadratic, N random features capture 2N/((d−1)(d+2)) in the mean at most: it "
    "vanishes like 1/d.",
    quantity=RF_SHARE,
    statement=sp.Le(RF_SHARE.symbol, 2 * N / ((d - 1) * (d + 2))),
    latex=r"c_{\mathrm{RF}}\leq\frac{2N}{(d-1)(d+2)}",
    parameters=(DIMENSION, NEURONS, ACTIVATION),
    published=traceless,
    side="below",
    decoys=(Decoy(name="d² directions", sentence="N/d², pairs counted twice", published=lambda d, N: N / d**2),),
)
RF_CUBIC = Bound(
    name="RF_cubic",
    companion="cubic_features",
    sentence="Of a cubic, N random features capture a mean share of order 1/d at most.",
    quantity=RF_SHARE,
    statement=sp.Le(RF_SHARE.symbol, VECTOR + (1 - VECTOR) * N / HARMONIC),
    latex=r"c_{\mathrm{RF}}\leq\frac{3}{d+2}+\left(1-\frac{3}{d+2}\right)\frac{6N}{d(d-1)(d+4)}",
    parameters=(DIMENSION, NEURONS, ACTIVATION),
    published=cubic_of_features,
    side="below",
    decoys=(
        Decoy(
            name="no vector part",
            sentence="N over the dimension of all harmonic cubics: He₃(x₁) taken for one of them",
            published=lambda d, N: 6 * N / (d * (d + 4) * (d - 1)),
        ),
    ),
)
NT_CUBIC = Bound(
    name="NT_cubic",
    companion="cubic_features",
    sentence="Of a cubic, the tangent model's N d features capture a mean share of order 1/d at most, at fixed N/d.",
    quantity=NT_SHARE,
    statement=sp.Le(NT_SHARE.symbol, VECTOR + (1 - VECTOR) * N * d / HARMONIC),
    latex=r"c_{\mathrm{NT}}\leq\frac{3}{d+2}+\left(1-\frac{3}{d+2}\right)\frac{6N}{(d-1)(d+4)}",
    parameters=(DIMENSION, NEURONS),
    published=cubic_of_tangent,
    side="below",
    decoys=(
        Decoy(
            name="neurons for features",
            sentence="N over the dimension of all harmonic cubics, as if the tangent model had N features",
            published=lambda d, N: 6 * N / (d * (d + 4) * (d - 1)),
        ),
    ),
)

CLAIM = Claim(
    module=__name__,
    title="What linearised networks can express with N = O(d)",
    source=Source(paper=PAPER, locator="section 1 and footnote 3"),
    convention="The share of a unit target's squared norm that the class captures, in Gaussian population; "
    "isotropic weights.",
    parts=(
        Observation(
            name="RF",
            sentence="Random features capture linear functions and the trace direction, but no traceless "
            "quadratic and no cubic.",
            quantity=Quantity(
                symbol=sp.Symbol("c_RF"), meaning="captured share of a unit target", units="share of ‖f*‖²"
            ),
        ),
        Observation(
            name="NT",
            sentence="The tangent model captures quadratics; of a cubic it captures a share that vanishes as d "
            "grows at fixed N/d.",
            quantity=Quantity(
                symbol=sp.Symbol("c_NT"), meaning="captured share of a unit target", units="share of ‖f*‖²"
            ),
        ),
        RF_TRACELESS,
        RF_CUBIC,
        NT_CUBIC,
        CUBIC_FEATURES,
    ),
)
