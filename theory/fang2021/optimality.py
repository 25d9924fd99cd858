"""Eqs. (17)–(19): what a law of least objective satisfies, and how far any other one can be from it.

φ(ρ) of (16) with L convex, g of (18) its first variation at ρ, and c = ∫g(ρ, ·)dρ. For any ρ', d/ds φ((1−s)ρ + sρ') at
s = 0 is ∫g dρ' − c, so that, φ being convex in the law,

    φ(ρ) − φ(ρ') ≤ c − ∫g(ρ, ·)dρ' ≤ c − inf_w g(ρ, w).

`gap` is the first inequality; the second bounds the distance from the least objective of *any* network, trained or not:
the certificate of `lazy_assay.optimality_gap`, whose infimum is enclosed with a proof (`certificate`). Hence ρ is
optimal iff (17) holds, iff g ≥ c everywhere, and then g = c on the support (`support`).

`curvature`, against (19). "If we can find ρ such that g(ρ, u, θ) = c for a constant c, then (17) is satisfied": true,
and no ρ is such with the paper's L2 regulariser. In u, g is u·a(θ) + (λ_u/2)‖u‖² + (λ_θ/2)‖θ‖², of second difference
λ_u at every ρ. For r = 0, (19) is a ≡ 0 and c = 0: every feature is orthogonal to L'.

`entropy`, against "there is a unique global solution that satisfies (19)". With λ_p ∫p log p in φ the first variation
is g + λ_p log p, up to a constant, and this is what is constant: p ∝ exp(−g/λ_p). Were g constant, p would be flat, and
no density on all of (u, θ). The same slip is in benefit (iii): what vanishes is ∇(g + λ_p log p).

What descent of m neurons of equal mass 1/m makes of it. It is stationary where ∇g_j = 0 for each j, and need not have
g_j = c:
* `stationary`: ∂_u g = a(θ) + λ_u u = 0 gives g_j = u·a + r = −(λ_u/2)‖u_j‖² + (λ_θ/2)‖θ_j‖², which differs from neuron
  to neuron: that alone proves that the network is not optimal among laws.
* `certificate`: letting masses move, and inserting particles where g is least (Frank and Wolfe), lowers φ further.
* on the support of an optimal law both hold, u_j² = (−2c + λ_θ‖θ_j‖²)/λ_u. For λ_θ = 0 |u| is constant there, exactly;
  section VI has "nearly a constant" (`size_on_support`). `no_waste`: in any case u_j² ≥ −2c/λ_u.

Wasted neurons (section V, Figure 6 d; section VI). A particle with u = 0 has g = (λ_θ/2)‖θ‖² ≥ 0 and can be in the
support of an optimal law only if c ≥ 0; c ≤ g(0, 0) = 0 always. So waste costs nothing where c = 0, and is no part of
an optimal law where c < 0.
* `homogeneous`: for σ of degree one g is 2-homogeneous in (u, θ), so by Euler u ∂_u g + θᵀ∂_θ g = 2g: at a stationary
  network every g_j = 0, and c = 0. Neurons at the origin are free, and decay takes there what is not used.
* for bounded σ (tanh) and a fit that is worth anything c < 0.

`waste` and `constant` hold the two against each other: the paper's reason, "the target function is not strongly convex
in ρ", explains why there are many solutions, not why neurons are wasted: tanh has many too.

Source: Fang, Dong, Zhang 2021, section V, Eqs. (16)–(19) and the paragraphs on Figure 6; section VI, on wasted neurons.
"""

import sympy as sp

from lazy_assay.theory import (
    AlmostSure,
    Assumption,
    Balance,
    Choice,
    Claim,
    Decoy,
    Eq,
    Identity,
    Observation,
    Parameter,
    Quantity,
    Real,
    Source,
)
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._laws_of_least_objective import (
    FLAT,
    REASON,
    SUFFICIENT,
    WITHOUT_ENTROPY,
    at_stationary,
    on_support,
)
from lazy_assay.theory.fang2021._mean_field import HOMOGENEOUS, SMOOTH, TEMPERATURE, lambda_p

g, c, c_other, back, phi, phi_other = sp.symbols("g c c_1 c_2 phi phi_1", real=True)
u_squared, theta_squared = sp.symbols("u_2 theta_2", nonnegative=True)
radial, log_ratio = sp.symbols("R Lambda", real=True)
lambda_u, lambda_theta = sp.symbols("lambda_u lambda_theta", positive=True)
ANY = Real()
DECAY_U = Parameter("lambda_u", lambda_u, "weight decay λ_u of the output weights", Real(0))
DECAY_THETA = Parameter("lambda_theta", lambda_theta, "weight decay λ_θ of the hidden weights", Real(0))
ACTIVATION = Parameter("activation", sp.Symbol("sigma"), "activation σ", Choice((*SMOOTH, *HOMOGENEOUS)))
MEAN = Parameter("mean", c, "c = ∫g(ρ, ·)dρ", ANY, "objective")
# At most g(ρ, 0, 0) = 0, which a law of least objective is nowhere below its mean.
LEAST_MEAN = Parameter("mean", c, "c = ∫g(ρ, ·)dρ of an optimal law", Real(high=0, closed_high=True), "objective")
OTHER = Parameter(
    "other", c_other, "∫g(ρ, ·)dρ'", ANY, "objective", latex=r"\int g(\rho,u,\theta)\,\mathrm{d}\rho'(u,\theta)"
)
BACK = Parameter("back", back, "∫g(ρ', ·)d(ρ − ρ')", ANY, "objective")
VALUE = Parameter("value", phi, "φ(ρ)", ANY, "objective")
U_SQUARED = Parameter("u_squared", u_squared, "u_j²", Real(0, closed_low=True), latex=r"u_j^2")
THETA_SQUARED = Parameter("theta_squared", theta_squared, "‖θ_j‖²", Real(0, closed_low=True), latex=r"\|\theta_j\|_2^2")
RADIAL = Parameter(
    "radial", radial, "u ∂_u g + θᵀ∂_θ g", ANY, "objective", latex=r"(u\,\partial_ug+\theta^\top\partial_\theta g)"
)
LOG_RATIO = Parameter("log_ratio", log_ratio, "log p_j − log p_k", ANY, latex=r"(\log p_j-\log p_k)")
DEGREE_ONE = Assumption(
    name="homogeneous",
    sentence="σ(cz) = cσ(z) for c > 0",
    holds=lambda activation: activation in HOMOGENEOUS,
    threshold="relu and abs, of the activations here",
)
POTENTIAL = Quantity(symbol=g, meaning="g(ρ, u_j, θ_j)", units="objective", latex=r"g(\rho,u_j,\theta_j)")
DIFFERENCE = sp.Symbol("D")
CLAIM = Claim(
    module=__name__,
    title="Laws of least objective, and a certificate of the distance from them",
    source=Source(paper=PAPER, locator="section V, Eqs. (16)–(19)"),
    convention="h(θ, x) = σ(θᵀx), θ a weight and a bias, inputs on a line from −2 to 2, labels of two such neurons "
    "(normal ones for certificates); L is half the squared distance under the mean over the points; r = (λ_u/2)u² + "
    "(λ_θ/2)‖θ‖², the bias with it.",
    parts=(
        Balance(
            name="gap",
            sentence="φ(ρ) − φ(ρ') is at most ∫g(ρ, ·)dρ − ∫g(ρ, ·)dρ': (17) is what an optimal law satisfies, and no "
            "other.",
            quantity=Quantity(
                symbol=DIFFERENCE, meaning="φ(ρ) − φ(ρ')", units="objective", latex=r"(\phi(\rho)-\phi(\rho'))"
            ),
            statement=sp.Le(DIFFERENCE, c - c_other),
            latex=r"\phi(\rho)-\phi(\rho')\leq c-\int g(\rho,u,\theta)\,\mathrm{d}\rho'(u,\theta)",
            parameters=(MEAN, OTHER, BACK, ACTIVATION, DECAY_U, DECAY_THETA),
            measured=("mean", "other", "back"),
            side="below",
            published=lambda mean, other: mean - other,
            decoys=(
                Decoy(name="half", sentence="half of it", published=lambda mean, other: (mean - other) / 2),
                Decoy(name="at the other", sentence="g of ρ' for g of ρ", published=lambda back: back),
            ),
        ),
        Balance(
            name="support",
            sentence="On the support of an optimal law g is its mean c.",
            quantity=POTENTIAL,
            statement=Eq(g, c),
            latex=r"g(\rho,u_j,\theta_j)=c",
            parameters=(LEAST_MEAN, VALUE, ACTIVATION, DECAY_U, DECAY_THETA),
            measured=("mean", "value"),
            published=lambda mean: mean,
            decoys=(
                Decoy(name="zero", sentence="0, as for homogeneous activations", published=lambda: 0.0),
                Decoy(name="objective", sentence="φ(ρ)", published=lambda value: value),
            ),
        ),
        Identity(
            name="curvature",
            sentence="g has a second difference of λ_u in u at every law: it is constant at none.",
            quantity=Quantity(
                symbol=DIFFERENCE,
                meaning="g(ρ, u + 1, θ) + g(ρ, u − 1, θ) − 2g(ρ, u, θ)",
                units="objective",
                latex=r"(g(\rho,u+1,\theta)+g(\rho,u-1,\theta)-2g(\rho,u,\theta))",
            ),
            statement=Eq(DIFFERENCE, lambda_u),
            printed_statement=Eq(DIFFERENCE, 0),
            parameters=(ACTIVATION, DECAY_U, DECAY_THETA),
            published=lambda lambda_u: lambda_u,
            printed=lambda: 0.0,
            errata=(FLAT,),
            decoys=(Decoy(name="half", sentence="λ_u/2", published=lambda lambda_u: lambda_u / 2),),
        ),
        Balance(
            name="entropy",
            sentence="With the entropy term g + λ_p log p is constant at the minimiser, and g is not.",
            quantity=Quantity(
                symbol=DIFFERENCE,
                meaning="g_j − g_k of the heaviest and the lightest",
                units="objective",
                latex=r"(g_j-g_k)",
            ),
            statement=Eq(DIFFERENCE, -lambda_p * log_ratio),
            latex=r"g_j-g_k=-\lambda_p(\log p_j-\log p_k)",
            printed_statement=Eq(DIFFERENCE, 0),
            printed_latex=r"g_j-g_k=0",
            parameters=(LOG_RATIO, TEMPERATURE, ACTIVATION, DECAY_U, DECAY_THETA),
            measured=("log_ratio",),
            published=lambda log_ratio, temperature: -temperature * log_ratio,
            printed=lambda: 0.0,
            errata=(WITHOUT_ENTROPY,),
            decoys=(
                Decoy(
                    name="sign",
                    sentence="λ_p(log p_j − log p_k)",
                    published=lambda log_ratio, temperature: temperature * log_ratio,
                ),
                Decoy(
                    name="half",
                    sentence="half of it",
                    published=lambda log_ratio, temperature: -temperature * log_ratio / 2,
                ),
            ),
        ),
        Balance(
            name="stationary",
            ours=True,
            sentence="Where descent stops g_j is −(λ_u/2)u_j² + (λ_θ/2)‖θ_j‖²: not the same for all neurons of equal "
            "mass.",
            quantity=POTENTIAL,
            statement=Eq(g, -lambda_u * u_squared / 2 + lambda_theta * theta_squared / 2),
            latex=r"g(\rho,u_j,\theta_j)=-\frac{\lambda_u}{2}u_j^2+\frac{\lambda_\theta}{2}\|\theta_j\|_2^2",
            parameters=(U_SQUARED, THETA_SQUARED, MEAN, ACTIVATION, DECAY_U, DECAY_THETA),
            measured=("u_squared", "theta_squared", "mean"),
            published=at_stationary,
            decoys=(
                Decoy(name="constant", sentence="c, as on the support of an optimal law", published=lambda mean: mean),
                Decoy(
                    name="sign",
                    sentence="r(u_j, θ_j) itself",
                    published=lambda u_squared, theta_squared, lambda_u, lambda_theta: (
                        (lambda_u * u_squared + lambda_theta * theta_squared) / 2
                    ),
                ),
            ),
        ),
        AlmostSure(
            name="certificate",
            ours=True,
            sentence="Refined laws of tanh neurons, and ReLU networks as descent leaves them, are certified to be "
            "within a hundredth of the loss of 0 of the least objective; tanh networks of equal masses are not, and "
            "are not optimal.",
            quantity=Quantity(symbol=sp.Symbol("G"), meaning="bound of φ(ρ) − inf φ", units="objective", low=0),
            remarks=(SUFFICIENT,),
        ),
        Balance(
            name="homogeneous",
            ours=True,
            sentence="For ReLU 2g is u ∂_u g + θᵀ∂_θ g: at a stationary network every g_j, and c, is 0.",
            quantity=POTENTIAL,
            statement=Eq(g, radial / 2),
            parameters=(RADIAL, ACTIVATION, DECAY_U, DECAY_THETA),
            measured=("radial",),
            assumptions=(DEGREE_ONE,),
            published=lambda radial: radial / 2,
            decoys=(Decoy(name="degree one", sentence="u ∂_u g + θᵀ∂_θ g", published=lambda radial: radial),),
        ),
        Balance(
            name="no_waste",
            ours=True,
            sentence="On the support of an optimal law u_j² is at least −2c/λ_u: where c < 0 no neuron is wasted.",
            companion="size_on_support",
            quantity=Quantity(symbol=u_squared, meaning="least u_j²", low=0, latex=r"u_j^2"),
            statement=sp.Ge(u_squared, -2 * c / lambda_u),
            latex=r"u_j^2\geq-\frac{2c}{\lambda_u}",
            parameters=(LEAST_MEAN, VALUE, ACTIVATION, DECAY_U, DECAY_THETA),
            measured=("mean", "value"),
            side="above",
            published=lambda mean, lambda_u: -2 * mean / lambda_u,
            decoys=(
                Decoy(name="twice", sentence="−4c/λ_u", published=lambda mean, lambda_u: -4 * mean / lambda_u),
                Decoy(name="objective", sentence="2φ/λ_u", published=lambda value, lambda_u: 2 * value / lambda_u),
            ),
        ),
        Balance(
            name="size_on_support",
            ours=True,
            sentence="On the support of an optimal law u_j² is (λ_θ‖θ_j‖² − 2c)/λ_u: without decay of θ |u| is the "
            "same for all.",
            quantity=Quantity(symbol=u_squared, meaning="least u_j²", low=0, latex=r"u_j^2"),
            statement=Eq(u_squared, (lambda_theta * theta_squared - 2 * c) / lambda_u),
            latex=r"u_j^2=\frac{\lambda_\theta\|\theta_j\|_2^2-2c}{\lambda_u}",
            parameters=(THETA_SQUARED, LEAST_MEAN, ACTIVATION, DECAY_U, DECAY_THETA),
            measured=("theta_squared", "mean"),
            published=on_support,
            decoys=(
                Decoy(
                    name="constant",
                    sentence="−2c/λ_u, as for λ_θ = 0",
                    published=lambda mean, lambda_u: -2 * mean / lambda_u,
                ),
                Decoy(
                    name="half",
                    sentence="(λ_θ‖θ_j‖² − c)/λ_u",
                    published=lambda theta_squared, mean, lambda_u, lambda_theta: (
                        (lambda_theta * theta_squared - mean) / lambda_u
                    ),
                ),
            ),
        ),
        Observation(
            name="waste",
            sentence="With decay of both layers ReLU networks waste a larger share of their neurons than tanh networks "
            "do.",
            quantity=Quantity(
                symbol=sp.Symbol("W"),
                meaning="share of neurons with |u|‖h‖ below a tenth of its root mean square",
                low=0,
                high=1,
            ),
            remarks=(REASON,),
        ),
        Observation(
            name="constant",
            ours=True,
            sentence="c is 0 for ReLU networks, and negative for tanh networks, on the same data.",
            quantity=Quantity(symbol=c, meaning="∫g dρ after descent", units="objective"),
        ),
    ),
)
