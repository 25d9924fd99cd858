"""Section V: gradient descent with noise, the law that it comes to, and the temperature that it has.

    d[u, θ] = −η∇g(ρ_t, u, θ) dt + √(2λ_pη) dB,      a step: w_j ← w_j − η∇g(ρ, w_j) + N(0, 2λ_pη I)

for every particle: a McKean–Vlasov stochastic differential equation (ρ_t is the law of its own solution), whose
Fokker–Planck equation is (21) with + ηλ_pΔρ. The first variation of φ + λ_p ∫ p log p is g + λ_p log p, and the law
that does not move is where it is constant, p ∝ exp(−g(ρ, ·)/λ_p): not g = c of (19), under which p would be flat.

`mean`, `centre`, `deviations`: u = 1, h = θᵀx, half the squared loss, r = (λ/2)‖θ‖². With A = α²C + λI, C = mean xxᵀ,
b = α mean xy, ∇g_j = A θ̄ − b + λ(θ_j − θ̄). The mean of the particles obeys θ̄ ← θ̄ − η(Aθ̄ − b) + N(0, 2λ_pη/m) and what
each is off by, δ ← (1 − ηλ)δ + noise less its mean, of variance 2λ_pη(1 − 1/m): two autoregressions, stationary for
η < 2/λ_max(A), at which E θ̄ = A⁻¹b, Cov θ̄ = (λ_p/m) A⁻¹(I − ηA/2)⁻¹ and E δ² = (1 − 1/m) λ_p/(λ(1 − ηλ/2)): exactly, at
every step size and width. In continuous time λ_p/λ: 1 − ηλ/2 of it.

`temperature`. E‖w⁺‖² = E‖w‖² at rest: −2ηE w·∇g + η²E‖∇g‖² + 2λ_pη(k + d) = 0, so that E[w·∇g − (η/2)‖∇g‖²]/(k + d) is
λ_p at every m and η, for every loss, activation and regulariser that confines. On the parameters of (2), where ∂φ/∂w_j
= ∇g_j/m, a step of size s moves by η = s/m, and noise N(0, 2λ_ps) on it is N(0, 2(mλ_p)η): temperature mλ_p.

`gibbs`, `conditional`: `_gibbs.py` has the law, and what finite width and step leave at first order. r = u + a(θ)/λ_u
is ∂_u g/λ_u; given all θ the u of m particles are jointly normal under exp(−mφ/λ_p), and ∂_{u_j}(mφ) is then normal of
variance λ_p ∂²_{u_j}(mφ) = λ_p(λ_u + (α²/mn) Σ h²), exactly in continuous time.

`uniqueness`. One law from every start, with independent noise in each; without noise a start at 0 stays there, a
stationary point of (20) for σ(0) = 0, and others do not come to it.

`unconfined`. A law that does not move can be normalised only if r confines both u and θ. For bounded h and λ_θ = 0 the
force on θ, u∇a(θ), dies away, θ diffuses freely, and E‖θ‖² grows like 2λ_pd·t.

`poincare`. Var f(X) ≤ E‖∇f(X)‖² for X ~ N(0, I), with equality for linear f. For f(x) = Σ_k u_k σ(θ_kᵀx) and unit θ_k
both sides are sums of dual activations, and equal where σ is linear.

Source: Fang, Dong, Zhang 2021, section V, from the sentence on the Poincaré inequality to the benefits of noise.
"""

import math

import sympy as sp

from lazy_assay.theory import (
    Abbreviation,
    Assumption,
    Auxiliary,
    Bound,
    Claim,
    Decoy,
    Eq,
    Identity,
    Limit,
    Observation,
    Quantity,
    Rate,
    Source,
    of_order,
)
from lazy_assay.theory._mathematics.two_layer import LABELS, WIDTH, U, m
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._mean_field import CONVENTION, TEMPERATURE, TIME, lambda_p, t
from lazy_assay.theory.fang2021._noise import (
    ALONG,
    ANY_DECAY,
    CONFINED,
    DESCENDS,
    GIBBS,
    GROWTH,
    HOTTER,
    INPUTS,
    LINEAR,
    MOMENT,
    NOISE,
    OF_MEAN,
    OF_PULL,
    OF_TOP,
    ON_PHI,
    POWER,
    SDE,
    STABLE,
    STABLE_DECAY,
    STABLE_LAW,
    TOP,
    a,
    allowance,
    eta,
    finite,
    hotter,
    lam,
    lambda_u,
    moment_of,
    of_centre,
    of_deviations,
    of_mean,
    of_moment,
    of_power,
    of_temperature,
    variance_of_decay,
)
from lazy_assay.theory.fang2021._poincare import (
    DIRECTIONS,
    OF_NEURONS,
    SLOPES,
    SQUARED_SLOPE,
    slope_of_mean,
    squared_slope,
)

S, V, M, T, PSI, R, W, Q = (sp.Symbol(name) for name in ("S", "V", "M", "T", "E", "R", "W", "Q"))
MOMENT_VALUE = Auxiliary(
    symbol=sp.Symbol("p"),
    meaning="∫ ψ exp(−g/λ_p)/Z, its own f in g",
    value=of_moment,
    latex=r"\frac{1}{Z}\int\psi\,e^{-g(\rho,u,\theta)/\lambda_p}\,\mathrm{d}u\,\mathrm{d}\theta",
    opaque="a moment of a law that is the solution of its own integral equation",
)
FACTOR = Auxiliary(
    symbol=sp.Symbol("q", positive=True),
    meaning="1 for E r², 3λ_p/λ_u for E r⁴",
    value=lambda temperature, lambda_u, moment: 1.0 if moment == "square" else 3 * temperature / lambda_u,
    latex=r"c_k",
)
CLAIM = Claim(
    module=__name__,
    title="Noisy descent comes to one law, at the temperature of its noise",
    source=Source(paper=PAPER, locator="section V, noisy gradient descent"),
    convention=CONVENTION + " Half the squared loss, one output; r = (λ_u/2)u² + (λ_θ/2)‖θ‖².",
    main=("deviations",),
    parts=(
        Identity(
            name="mean",
            ours=True,
            sentence="For h = θᵀx, u = 1 the mean of the particles has the mean A⁻¹b, at every step size and width.",
            quantity=Quantity(
                symbol=M,
                meaning="mean of the particles along A's top eigenvector",
                units="weight",
                latex=r"\mathbb{E}\bar\theta",
            ),
            statement=Eq(M, OF_MEAN),
            latex=r"\mathbb{E}\bar\theta=a^{-1}b",
            abbreviations=(
                Abbreviation(latex=r"a", meaning="top eigenvalue of A = α²XᵀX/n + λ_θ", stands_for=OF_TOP),
                Abbreviation(latex=r"b", meaning="αXᵀy/n along its eigenvector", stands_for=OF_PULL),
            ),
            parameters=LINEAR,
            auxiliary=ALONG,
            assumptions=(STABLE,),
            published=of_mean,
            decoys=(
                Decoy(
                    name="no decay",
                    sentence="the least squares solution",
                    published=lambda points, labels, alpha: of_mean(points, labels, alpha, 0.0),
                ),
                Decoy(
                    name="twice the decay",
                    sentence="λ‖θ‖² for ½λ‖θ‖²",
                    published=lambda points, labels, alpha, lambda_theta: of_mean(
                        points, labels, alpha, 2 * lambda_theta
                    ),
                ),
            ),
        ),
        Identity(
            name="centre",
            ours=True,
            sentence="… and the covariance (λ_p/m) A⁻¹(I − ηA/2)⁻¹.",
            quantity=Quantity(
                symbol=V,
                meaning="m times the variance of that mean along A's top eigenvector",
                units="squared weight",
                low=0,
                latex=r"m\operatorname{Var}\bar\theta",
            ),
            statement=Eq(V, lambda_p / (a * (1 - eta * a / 2))),
            latex=r"m\operatorname{Var}\bar\theta=\frac{\lambda_p}{a\left(1-\frac{\eta a}{2}\right)}",
            parameters=(*LINEAR, WIDTH),
            auxiliary=(TOP,),
            assumptions=(STABLE,),
            published=of_centre,
            decoys=(
                Decoy(
                    name="continuous time",
                    sentence="λ_p A⁻¹",
                    published=lambda points, alpha, lambda_theta, temperature: of_centre(
                        points, alpha, lambda_theta, temperature, 0.0
                    ),
                ),
                Decoy(
                    name="no data",
                    sentence="λ for A, as of the deviations",
                    published=variance_of_decay,
                ),
            ),
        ),
        Identity(
            name="deviations",
            sentence="Particles deviate from their mean by (1 − 1/m) λ_p/(λ(1 − ηλ/2)), at every step size and width.",
            quantity=Quantity(
                symbol=S,
                meaning="mean square of a coordinate of θ_j − θ̄",
                units="squared weight",
                low=0,
                latex=r"\mathbb{E}(\theta_j-\bar\theta)^2",
            ),
            statement=Eq(S, (1 - 1 / m) * lambda_p / (lam * (1 - eta * lam / 2))),
            latex=r"\mathbb{E}(\theta_j-\bar\theta)^2=\left(1-\frac{1}{m}\right)\frac{\lambda_p}{\lambda_\theta\left(1-\frac{\eta\lambda_\theta}{2}\right)}",
            parameters=(*LINEAR, WIDTH),
            assumptions=(STABLE, STABLE_DECAY),
            published=of_deviations,
            decoys=(
                Decoy(
                    name="continuous time",
                    sentence="(1 − 1/m) λ_p/λ",
                    published=lambda lambda_theta, temperature, m: of_deviations(lambda_theta, temperature, 0.0, m),
                ),
                Decoy(
                    name="m times hotter",
                    sentence="mλ_p",
                    published=lambda lambda_theta, temperature, step_size, m: of_deviations(
                        lambda_theta, m * temperature, step_size, m
                    ),
                ),
                Decoy(
                    name="no 2",
                    sentence="N(0, λ_pη)",
                    published=lambda lambda_theta, temperature, step_size, m: of_deviations(
                        lambda_theta, temperature / 2, step_size, m
                    ),
                ),
            ),
        ),
        Identity(
            name="temperature",
            sentence="N(0, 2λ_pη) on steps of size η along ∇g has temperature λ_p; on those along ∂φ/∂w it has mλ_p.",
            quantity=Quantity(
                symbol=T,
                meaning="E[w·∇g − (η/2)‖∇g‖²]/(k + d), η the step along ∇g",
                units="objective",
                latex=r"T_{\mathrm{eff}}",
            ),
            statement=Eq(T, HOTTER.symbol * lambda_p),
            printed_statement=Eq(T, lambda_p),
            parameters=(TEMPERATURE, WIDTH, DESCENDS, NOISE),
            auxiliary=(HOTTER,),
            published=of_temperature,
            printed=lambda temperature: temperature,
            errata=(ON_PHI, SDE),
            decoys=(
                Decoy(
                    name="root",
                    sentence="√m for m",
                    published=lambda temperature, m, descends, noise: (
                        temperature * math.sqrt(hotter(m, descends, noise))
                    ),
                ),
                Decoy(
                    name="half",
                    sentence="½λ_p, as of N(0, λ_pη)",
                    published=lambda temperature, m, descends, noise: (
                        of_temperature(temperature, m, descends, noise) / 2
                    ),
                ),
            ),
        ),
        Limit(
            name="gibbs",
            sentence="As m → ∞ and η → 0 the law is p ∝ exp(−g(ρ, ·)/λ_p), ρ = p, here for tanh, erf and sigmoid.",
            quantity=Quantity(
                symbol=PSI, meaning="the moment of the particles at rest", units="moment", latex=r"\mathbb{E}\psi(w)"
            ),
            statement=Eq(PSI, MOMENT_VALUE.symbol),
            rate=1 / m,
            growth=GROWTH,
            limit_of=lambda m: {},
            parameters=(*GIBBS, MOMENT),
            assumptions=(STABLE_LAW,),
            auxiliary=(MOMENT_VALUE,),
            published=of_moment,
            finite=finite,
            finite_allowance=allowance,
            decoys=(
                Decoy(name="twice as hot", sentence="2λ_p", published=moment_of(2.0)),
                Decoy(name="no feedback", sentence="f = 0 in g", published=moment_of(own=False)),
            ),
        ),
        Limit(
            name="conditional",
            sentence="… and u given θ is normal about −a(θ)/λ_u with variance λ_p/λ_u.",
            quantity=Quantity(
                symbol=R,
                meaning="E r² or E r⁴ of r = u + a(θ)/λ_u",
                units="weight, to the power",
                low=0,
                latex=r"\mathbb{E}r^{2k}",
            ),
            statement=Eq(R, FACTOR.symbol * lambda_p / lambda_u),
            latex=r"\mathbb{E}r^{2k}=c_k\frac{\lambda_p}{\lambda_u}",
            rate=1 / m,
            growth=GROWTH,
            limit_of=lambda m: {},
            parameters=(*GIBBS, POWER),
            assumptions=(STABLE_LAW,),
            auxiliary=(FACTOR,),
            published=of_power,
            finite=finite,
            finite_allowance=allowance,
            decoys=(
                Decoy(
                    name="twice",
                    sentence="2λ_p/λ_u",
                    published=lambda temperature, lambda_u, moment: of_power(2 * temperature, lambda_u, moment),
                ),
                Decoy(
                    name="flat",
                    sentence="λ_p for λ_p/λ_u, evenly spread: E r⁴ = (9/5)(E r²)²",
                    published=lambda temperature, lambda_u, moment: (
                        temperature if moment == "square" else 9 / 5 * (temperature / lambda_u) ** 2
                    ),
                ),
            ),
        ),
        Observation(
            name="uniqueness",
            sentence="Noisy descent comes to the same moments from every start; without noise a start at 0 stays there "
            "(tanh, 3 inputs, λ_p = .1, 64 neurons).",
            quantity=Quantity(symbol=sp.Symbol("Delta"), meaning="difference of E u², of f, or of φ, of two starts"),
            parameters=(INPUTS, LABELS),
            errata=(CONFINED,),
        ),
        Rate(
            name="unconfined",
            ours=True,
            sentence="With λ_θ = 0 and bounded h no law is come to: E‖θ‖² grows like t.",
            quantity=Quantity(
                symbol=W, meaning="E‖θ‖² after a time t", units="squared weight", latex=r"\mathbb{E}\|\theta(t)\|_2^2"
            ),
            statement=Eq(W, of_order(t)),
            parameters=(ANY_DECAY, TEMPERATURE, TIME),
            assumptions=(
                Assumption(
                    name="no decay",
                    sentence="λ_θ = 0",
                    holds=lambda lambda_theta: lambda_theta == 0,
                    threshold="exactly",
                ),
            ),
            published=lambda: 1.0,
            towards="infinity",
            sharp=True,
            decoys=(
                Decoy(name="at rest", sentence="O(1), a law that does not move", published=lambda: 0.0),
                Decoy(name="root", sentence="O(√t), of θ for its square", published=lambda: 0.5),
            ),
        ),
        Bound(
            name="poincare",
            sentence="Var f(X) ≤ E‖∇f(X)‖² for standard normal X, with equality for linear f.",
            quantity=Quantity(
                symbol=Q,
                meaning="Var f(X), f(x) = Σ_k u_k σ(θ_kᵀx)",
                units="squared output",
                low=0,
                latex=r"\operatorname{Var}f(X)",
            ),
            statement=sp.Le(Q, SQUARED_SLOPE),
            latex=r"\operatorname{Var}f(X)\leq\mathbb{E}\|\nabla f(X)\|_2^2",
            abbreviations=(
                Abbreviation(
                    latex=r"\mathbb{E}\|\nabla f(X)\|_2^2",
                    meaning="Σ_kl u_k u_l θ_kᵀθ_l S_kl",
                    stands_for=SQUARED_SLOPE,
                ),
            ),
            parameters=(DIRECTIONS, U, OF_NEURONS),
            auxiliary=SLOPES,
            published=squared_slope,
            decoys=(
                Decoy(
                    name="half",
                    sentence="½E‖∇f(X)‖²",
                    published=lambda theta, u, activation: squared_slope(theta, u, activation) / 2,
                ),
                Decoy(name="mean first", sentence="‖E∇f(X)‖²", published=slope_of_mean),
            ),
        ),
    ),
)
