"""Section 1: linearised models as inner bounds of networks, and Eq. (7).

`neural_tangent`. F_NT(W) ⊂ cl(F_NN,2N): ε⁻¹[σ(⟨w + εa, x⟩) − σ(⟨w, x⟩)] = ⟨a, x⟩σ'(⟨w, x⟩) + o(1). For twice
differentiable σ Taylor's theorem with bounded moments makes the o(1) an O(ε) in L²: the next term is
ε⟨a,x⟩²σ''(⟨w,x⟩)/2. F_RF ⊆ F_NN needs no check: it is the definition of F_NN with the first layer held fixed.

`general_model`. Eq. (7): f(x; θ₀ + β) ≈ f(x; θ₀) + βᵀ∇f(x; θ₀), with error O(‖β‖²): along β = εb the next term is
ε²bᵀ∇²f b/2. (The second "≈" of Eq. (7), f(x; θ₀) ≈ 0, is a statement about initialisations, and holds for paired or
centred ones alone.) Source: Ghorbani et al. 2019, section 1 ("Inner bounds"), section 1.2, Eq. (7).
"""

import sympy as sp

from lazy_assay.theory import Choice, Claim, Decoy, Eq, Parameter, Quantity, Rate, Source
from lazy_assay.theory.ghorbani2019 import PAPER
from lazy_assay.theory.ghorbani2019._quadratic_target import DIMENSION, NEURONS, sigma

epsilon = sp.Symbol("epsilon", positive=True)
ACTIVATION = Parameter(
    "activation", sigma, "activation, twice differentiable", Choice(("quadratic", "tanh", "erf", "softplus", "sin"))
)
DISTANCE = sp.Function("Delta")(epsilon)


CLAIM = Claim(
    module=__name__,
    title="Linearised models are limits of networks",
    source=Source(paper=PAPER, locator="section 1, Inner bounds; section 1.2, Eq. (7)"),
    convention="Distances in L²(N(0, I_d)).",
    parts=(
        Rate(
            name="neural_tangent",
            sentence="A network of 2N neurons comes within O(ε) of any function of the tangent model with N neurons.",
            quantity=Quantity(
                symbol=DISTANCE,
                meaning="L² distance of the 2N-neuron network to the tangent function",
                units="root mean square output",
            ),
            statement=Eq(DISTANCE, sp.O(epsilon)),
            parameters=(DIMENSION, NEURONS, ACTIVATION),
            published=lambda: 1.0,
            decoys=(Decoy(name="second order", sentence="O(ε²), as for a central difference", published=lambda: 2.0),),
        ),
        Rate(
            name="general_model",
            sentence="A model's distance from its linearisation is O(ε²) for parameters moved by ε.",
            quantity=Quantity(
                symbol=DISTANCE,
                meaning="L² distance of f(θ₀ + εβ) − f(θ₀) to εβᵀ∇f(θ₀)",
                units="root mean square output",
            ),
            statement=Eq(DISTANCE, sp.O(epsilon**2)),
            parameters=(DIMENSION, NEURONS, ACTIVATION),
            published=lambda: 2.0,
            decoys=(
                Decoy(
                    name="third order", sentence="O(ε³), as if the second derivative vanished", published=lambda: 3.0
                ),
            ),
        ),
    ),
)
