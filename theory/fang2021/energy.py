"""Eqs. (20)–(23): along the flow of the particles the objective falls by what is dissipated.

With m particles ρ_t = (1/m) Σ_j δ_(w_j), and E the mean over them, (20) is w_j' = −η(t) ∇g(ρ_t, w_j).

`moments`, (21) in its weak form: d/dt E ψ(w) = E ∇ψ·w' = −η E ∇ψ·∇g for every smooth ψ, by the chain rule.
`dissipation`, (22): g is the first variation of φ, so dφ/dt = Σ_j ∂φ/∂w_j·w_j' = (1/m) Σ_j ∇g_j·(−η∇g_j) = −η E‖∇g‖².
Exact at every m, for ρ_t is a solution of (21); no limit m → ∞ is needed. φ(0) − φ(T) = ∫₀ᵀ η E‖∇g‖² dt.
`parameters`. On the parameters themselves, w' = −η ∂φ/∂w, the same integral is m times what φ loses.
`kinks`. Where h has kinks the flow may slide along them, a solution in Filippov's sense only: φ never rises, but the
gradients on either side, which are not followed there, dissipate more than φ loses, at any step size.

(23). "Since the objective function is bounded from below, from (22) we can obtain that as t → ∞, we must have
dφ(ρ_t)/dt → 0. It follows that lim ∫‖∇g‖² dρ_t = 0." From a bound below follows ∫ η E‖∇g‖² dt < ∞, and no more:
* a scalar η(t) only changes the clock, ρ_t = ρ̄_s with s = ∫₀ᵗ η and ρ̄ the flow of η = 1 (`time_change`). So where
  ∫₀^∞ η = S is finite, as for η = exp(−t) with S = 1, training stops on the way, at ρ̄_S, and E‖∇g‖² → its value there,
  which is positive unless the start was stationary: w = w(s) is a solution of an autonomous equation with locally
  Lipschitz right-hand side, and reaches no stationary point in finite s. dφ/dt → 0 all the same, for η does; and with
  peaks in η (height n on (n, n + 1/n³)) not even that.
* where ∫η = ∞, the mean of E‖∇g‖² in s up to S is (φ(0) − φ(T))/S → 0, so that its least value up to T is at most that
  (`least_gradient`), and liminf E‖∇g‖² = 0. The limit itself needs more: E‖∇g‖² uniformly continuous in s (Barbălat),
  which it is where h is C² with bounded derivatives on a trajectory that stays bounded, as it does for λ_u, λ_θ > 0.
Correct: ∫₀^∞ η dt = ∞ and bounded C² data ⇒ lim E‖∇g‖² = 0.

`entropy`. With λ_p ∫ p log p in φ the first variation is g + λ_p log p (up to a constant, which no gradient sees), and
(20)–(23) hold with it in place of g; with g alone, as printed, they do not.

Source: Fang, Dong, Zhang 2021, section V, Eqs. (20)–(23).
"""

import sympy as sp

from lazy_assay.theory import (
    Auxiliary,
    Balance,
    Claim,
    Decoy,
    Eq,
    Erratum,
    Gravity,
    Parameter,
    Quantity,
    Real,
    Remark,
    Source,
)
from lazy_assay.theory._mathematics.two_layer import WIDTH, m
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._mean_field import (
    ACTIVATION,
    CONVENTION,
    SCHEDULE,
    SMOOTHNESS,
    TEMPERATURE,
    TIME,
    elapsed,
)

F, C, G, PHI = (sp.Symbol(name, real=True) for name in ("F", "C", "G", "phi"))
D, D_0, D_1, D_g, B, G_S, G_T, P_0, P_1 = sp.symbols("D D_0 D_1 D_g B G_S G_T phi_0 phi_1", real=True)
ANY = Real()
FALL = Quantity(symbol=F, meaning="φ(0) − φ(T)", units="objective", latex=r"(\phi(\rho_0)-\phi(\rho_T))")


# How section V writes what is measured.
_SIGNS = {
    D: r"\int_0^T\eta(t)\int\|\nabla g(\rho_t,u,\theta)\|_2^2\,\mathrm{d}\rho_t\,\mathrm{d}t",
    B: r"(-\int_0^T\eta(t)\int\nabla\psi\cdot\nabla g\,\mathrm{d}\rho_t\,\mathrm{d}t)",
    G_S: r"\int\|\nabla g(\rho_{S}^{\eta=1},u,\theta)\|_2^2\,\mathrm{d}\rho_{S}^{\eta=1}",
    F: r"(\phi(\rho_0)-\phi(\rho_T))",
    P_1: r"\min_{t<T}\phi(\rho_t)",
}


def _measured(name: str, symbol: sp.Symbol, meaning: str, units: str = "objective") -> Parameter:
    return Parameter(name, symbol, meaning, ANY, units, latex=_SIGNS.get(symbol, ""))


DISSIPATION = _measured("dissipation", D, "∫₀ᵀ η E‖∇g‖² dt")
WITHOUT_RATE = _measured("without_rate", D_0, "∫₀ᵀ E‖∇g‖² dt")
MEAN_FIRST = _measured("mean_first", D_1, "∫₀ᵀ η ‖E∇g‖² dt")
INTEGRAL = _measured("integral", B, "−∫₀ᵀ η E ∇ψ·∇g dt", "moment")
AT_ELAPSED = _measured("at_elapsed", G_S, "E‖∇g‖² of the flow of η = 1 at time ∫₀ᵀ η", "squared gradient")
AT_TIME = _measured("at_time", G_T, "E‖∇g‖² of the flow of η = 1 at time T", "squared gradient")
# Never negative: the objective falls.
LOST = Parameter("fall", F, "φ(0) − φ(T)", Real(0, closed_low=True), "objective", latex=_SIGNS[F])
FIRST = _measured("first", P_0, "φ(0)")
LEAST = _measured("least", P_1, "the least φ at earlier times")
BARE = _measured("bare", D_g, "∫₀ᵀ η E‖∇g‖² dt, without the entropy term")
CLOCK = Auxiliary(
    symbol=sp.Symbol("S", positive=True), meaning="∫₀ᵀ η dt", value=elapsed, latex=r"\int_0^T\eta(t)\,\mathrm{d}t"
)
UP_TO_M = Remark(
    locator="section V, below Eq. (20)",
    sentence="“Equivalent to the gradient of the objective with respect to each particle parameter” is right up to m: "
    "∂φ/∂w_j = ∇g_j/m, so that (20) runs m times faster than gradient flow on the parameters of (2) (part parameters).",
)
STOPPED = Erratum(
    gravity=Gravity.CONDITION,
    locator="section V, Eq. (23) and the sentence before it",
    printed="Since the objective function is bounded from below, from (22) we can obtain that as t → ∞, we must have "
    "dφ(ρ_t)/dt → 0. It follows that lim_{t→∞} ∫ ‖∇g(ρ_t, u, θ)‖² dρ_t(u, θ) = 0.",
    corrected="∫η(t)dt = ∞, h in C² with bounded derivatives and a bounded trajectory ⇒ lim ∫‖∇g‖² dρ_t = 0; "
    "with ∫η = ∞ alone liminf = 0; with ∫η < ∞ the limit is positive",
    derivation="A bound below gives ∫ηE‖∇g‖²dt < ∞ only. η changes the clock alone, ρ_t = ρ̄_s with s = ∫η: for "
    "η = exp(−t) training ends at ρ̄_1, which is no stationary point, while dφ/dt → 0 because η does.",
    evidence="the flow under exp(−t) beside that of η = 1 at time 1 − exp(−T): the same positive E‖∇g‖²",
    reading="η(t) of (20) is any learning rate; none is assumed constant, and schedules are what η(t) is written for",
    charitable="With η constant, h smooth and trajectories bounded the limit is 0, and the paper says “under mild "
    "conditions” of what comes next. But no condition stands at (23), “we must have” is derived from the bound below "
    "alone, and a learning rate that decays fast enough breaks it.",
)


def loses(dissipation: float) -> float:
    """∫ η E‖∇g‖² dt."""
    return dissipation


def loses_slowly(dissipation: float, m: int) -> float:
    """(1/m) ∫ η E‖∇g‖² dt."""
    return dissipation / m


def largest_least(fall: float, schedule: str, time: float) -> float:
    """(φ(0) − φ(T))/∫η."""
    return fall / elapsed(schedule, time)


CLAIM = Claim(
    module=__name__,
    title="Along the flow of the particles the objective falls by what is dissipated",
    source=Source(paper=PAPER, locator="section V, Eqs. (20)–(23)"),
    convention=CONVENTION,
    parts=(
        Balance(
            name="dissipation",
            sentence="Along (20) the objective falls by ∫ηE‖∇g‖²dt, at every number of particles, for every η(t).",
            quantity=FALL,
            statement=Eq(F, D),
            parameters=(DISSIPATION, WITHOUT_RATE, MEAN_FIRST, WIDTH, SCHEDULE, ACTIVATION),
            measured=("dissipation", "without_rate", "mean_first"),
            assumptions=(SMOOTHNESS,),
            published=loses,
            remarks=(UP_TO_M,),
            decoys=(
                Decoy(name="factor m", sentence="1/m of it, as on the parameters", published=loses_slowly),
                Decoy(name="mean first", sentence="‖E∇g‖² for E‖∇g‖²", published=lambda mean_first: mean_first),
                Decoy(name="no rate", sentence="∫E‖∇g‖²dt, η left out", published=lambda without_rate: without_rate),
            ),
        ),
        Balance(
            name="parameters",
            ours=True,
            sentence="Along −η ∂φ/∂w, on the parameters, the objective falls by a share 1/m of ∫ηE‖∇g‖²dt.",
            quantity=FALL,
            statement=Eq(F, D / m),
            latex=(
                r"\phi(\rho_0)-\phi(\rho_T)=\frac{1}{m}\int_0^T\eta(t)\int\|\nabla g(\rho_t,u,\theta)\|_2^"
                r"2\,\mathrm{d}\rho_t\,\mathrm{d}t"
            ),
            parameters=(DISSIPATION, WIDTH, SCHEDULE, ACTIVATION),
            measured=("dissipation",),
            assumptions=(SMOOTHNESS,),
            published=loses_slowly,
            decoys=(
                Decoy(name="as (22)", sentence="∫ηE‖∇g‖²dt, time not being scaled", published=loses),
                Decoy(name="m²", sentence="1/m²", published=lambda dissipation, m: dissipation / m**2),
            ),
        ),
        Balance(
            name="moments",
            sentence="(21) in the weak sense: a mean of ψ changes by −∫ηE∇ψ·∇g dt, for ψ = ‖u‖², u_1θ_1, tanh θ_1.",
            quantity=Quantity(
                symbol=C,
                meaning="E ψ(w) at T less E ψ(w) at 0",
                units="moment",
                latex=r"(\int\psi\,\mathrm{d}\rho_T-\int\psi\,\mathrm{d}\rho_0)",
            ),
            statement=Eq(C, B),
            parameters=(INTEGRAL, WIDTH, SCHEDULE, ACTIVATION),
            measured=("integral",),
            assumptions=(SMOOTHNESS,),
            published=lambda integral: integral,
            decoys=(
                Decoy(name="factor m", sentence="1/m of it", published=lambda integral, m: integral / m),
                Decoy(name="sign", sentence="+∇·(ρ∇g) carried to +E∇ψ·∇g", published=lambda integral: -integral),
            ),
        ),
        Balance(
            name="kinks",
            ours=True,
            sentence="For ReLU, whose flow slides along kinks, the objective falls, by less than (22) says.",
            quantity=Quantity(symbol=PHI, meaning="φ(T)", units="objective", latex=r"\phi(\rho_T)"),
            statement=sp.Le(PHI, P_1),
            parameters=(LEAST, FIRST, DISSIPATION),
            measured=("least", "first", "dissipation"),
            side="below",
            published=lambda least: least,
            decoys=(
                Decoy(
                    name="(22)",
                    sentence="φ(0) − ∫ηE‖∇g‖²dt, as if h were smooth",
                    published=lambda first, dissipation: first - dissipation,
                ),
            ),
        ),
        Balance(
            name="time_change",
            sentence="E‖∇g‖² at T under η(t) is that of η = 1 at ∫η: where ∫η is finite it does not vanish.",
            quantity=Quantity(
                symbol=G,
                meaning="E‖∇g‖² at T",
                units="squared gradient",
                low=0,
                latex=r"\int\|\nabla g(\rho_T,u,\theta)\|_2^2\,\mathrm{d}\rho_T",
            ),
            statement=Eq(G, G_S),
            printed_statement=Eq(G, 0),
            parameters=(AT_ELAPSED, AT_TIME, SCHEDULE, TIME, ACTIVATION),
            measured=("at_elapsed", "at_time"),
            assumptions=(SMOOTHNESS,),
            published=lambda at_elapsed: at_elapsed,
            printed=lambda: 0.0,
            errata=(STOPPED,),
            decoys=(Decoy(name="no clock", sentence="that of η = 1 at T itself", published=lambda at_time: at_time),),
        ),
        Balance(
            name="least_gradient",
            companion="dissipation",
            ours=True,
            sentence="What a bound below does give: the least E‖∇g‖² up to T is at most (φ(0) − φ(T))/∫η.",
            quantity=Quantity(
                symbol=G,
                meaning="least E‖∇g‖² up to T",
                units="squared gradient",
                low=0,
                latex=r"\min_{t\leq T}\int\|\nabla g(\rho_t,u,\theta)\|_2^2\,\mathrm{d}\rho_t",
            ),
            statement=sp.Le(G, F / CLOCK.symbol),
            parameters=(LOST, SCHEDULE, TIME, ACTIVATION),
            auxiliary=(CLOCK,),
            measured=("fall",),
            side="below",
            assumptions=(SMOOTHNESS,),
            published=largest_least,
            decoys=(
                Decoy(name="no rate", sentence="T for ∫η", published=lambda fall, time: fall / time),
                Decoy(
                    name="half",
                    sentence="half of it",
                    published=lambda fall, schedule, time: largest_least(fall, schedule, time) / 2,
                ),
            ),
        ),
        Balance(
            name="entropy",
            sentence="With the entropy term what is dissipated is ∫ηE‖∇(g + λ_p log p)‖²dt.",
            quantity=Quantity(
                symbol=F,
                meaning="what φ + λ_p ∫ p log p loses up to T",
                units="objective",
                latex=r"(\phi_{\lambda_p}(\rho_0)-\phi_{\lambda_p}(\rho_T))",
            ),
            statement=Eq(F, D),
            parameters=(DISSIPATION, BARE, TEMPERATURE, SCHEDULE, TIME),
            measured=("dissipation", "bare"),
            published=loses,
            decoys=(Decoy(name="g alone", sentence="∫ηE‖∇g‖²dt", published=lambda bare: bare),),
        ),
    ),
)
