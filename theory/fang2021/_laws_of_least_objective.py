"""What |u| is where descent stops and on the support of an optimal law, and the errata of (19).

`optimality.py` derives them.
"""

from lazy_assay.theory import Erratum, Gravity, Remark

FLAT = Erratum(
    gravity=Gravity.CONDITION,
    locator="section V, Eq. (19), and 'g(ρ_t, u, θ) → c for a constant c, which implies the first order condition "
    "(19)'",
    printed="g(ρ, u, θ) = c for a constant c",
    reading="for all [u, θ], as the inequality derived from it for all ρ' needs",
    corrected="g(ρ, u, θ) ≥ c, with equality on the support of ρ",
    derivation="With r = (λ_u/2)‖u‖² + (λ_θ/2)‖θ‖², the paper's own example, g is a strictly convex quadratic in u for "
    "every ρ: it is constant for none. Without a regulariser it is constant where a ≡ 0.",
    evidence="part curvature: a second difference of λ_u at every law that was drawn; part support: equality on the "
    "support; part certificate: the infimum over all particles is c",
    charitable="The sentence says that (19) is sufficient, and so it is. But the section goes on as if optimal laws "
    "satisfied it ('implies the first order condition (19)', 'a unique global solution that satisfies (19)'), and for "
    "the regularisers that it names none does.",
)
WITHOUT_ENTROPY = Erratum(
    gravity=Gravity.CONSTANT,
    locator="section V, 'there is a unique global solution that satisfies (19)'; 'g(ρ_∞, u, θ) = c almost everywhere'; "
    "benefit (iii) of entropy regularisation",
    printed="Using this regularizer, it can be shown that there is a unique global solution that satisfies (19).",
    reading="with g as defined in (18), which has r and no entropy term",
    corrected="… a unique global solution that satisfies g + λ_p log p = c: p ∝ exp(−g/λ_p)",
    derivation="The first variation of λ_p ∫ p log p is λ_p(log p + 1). With g constant p would be constant too, which "
    "is no probability density on all of (u, θ).",
    evidence="part entropy: differences of g are −λ_p times those of log p, at minimisers over given particles",
    charitable="With g redefined to hold the entropy's variation, as the next paragraph of the paper hints ('compute "
    "the gradient ∇log p in ∇g'), (19) is right. (18) is not redefined, and 'in (18)' is what that paragraph cites.",
)
SUFFICIENT = Remark(
    locator="section V, below Eq. (19), and on [47]",
    sentence="Convergence of descent to the least objective is shown in [47] for homogeneous σ as m → ∞. For tanh and "
    "equal masses descent of 4, 16 or 64 neurons stops short of it, by more than a hundredth of the loss of 0 as a "
    "rule, and ReLU networks do not: 'a sufficiently large m' is to be certified, not assumed.",
)
REASON = Remark(
    locator="section V, on Figure 6 (d): 'The phenomenon of wasted neurons in (c) is because the target function is "
    "not strongly convex in ρ'; section VI, on Figure 11",
    sentence="Non-uniqueness and waste are two things: tanh networks with many optimal laws waste no neuron, since c < "
    "0 there; homogeneity makes waste free (c = 0), and decay of both layers produces it.",
)


def at_stationary(u_squared: float, theta_squared: float, lambda_u: float, lambda_theta: float) -> float:
    """−(λ_u/2)u² + (λ_θ/2)‖θ‖²."""
    return (lambda_theta * theta_squared - lambda_u * u_squared) / 2


def on_support(theta_squared: float, mean: float, lambda_u: float, lambda_theta: float) -> float:
    """(λ_θ‖θ‖² − 2c)/λ_u."""
    return (lambda_theta * theta_squared - 2 * mean) / lambda_u
