"""What the two figures on distances share: symbols, the law behind both, and what plain words their parts use.

Eq. (1), f = (α/m) Σ_j u_j h(θ_j, x), u, θ ~ N(0, σ²), step sizes η_u = r η_θ. The gradients are
∂L/∂u_j = (α/m) ⟨L', h(θ_j, x)⟩ and ∂L/∂θ_j = (α/m) ⟨u_j·L', ∇h(θ_j, x)⟩, so that near the initialisation

    df/dt = −η_θ (α²/m) (r k^u + k^θ) L',   δu_j ~ r η_θ t (α/m),   δθ_j ~ η_θ t (α/m),

with kernels k of order one. A loss that is to fall from its first value to a given one needs a move of the outputs of
some size D, hence η_θ t ~ D m/(α² (r + c)), c = k^θ/k^u, and a neuron moves on average by

    δθ ~ (D/α) · 1/(r + c),   δu ~ (D/α) · r/(r + c);   all neurons together by √m times as much (Frobenius).

With zero first output D does not depend on α or m. With the paper's own u, θ the first output is normal with
deviation ~ σ²α/√m: it must be unlearned, D ~ max(1, α/√m), and for α ≫ √m the softmax loss is homogeneous in the scale
of the outputs (only signs of margins count), so D/α → C/√m: the distance levels off at a floor that α does not lower.
"""

import sympy as sp

from lazy_assay.theory import Integer, Parameter, Quantity, Real

alpha, m = sp.Symbol("alpha", positive=True), sp.Symbol("m", integer=True, positive=True)
ALPHA = Parameter("alpha", alpha, "scale of the output", Real(low=0))
WIDTH = Parameter("m", m, "width: number of hidden neurons", Integer(1))
CONVENTION = (
    "Distances where the training loss first comes down to the same value for every network; the paper says neither at "
    "which loss nor after how many epochs. Full batches, ReLU, unit inputs, σ = 1. 'Average distance' is read as the "
    "mean over the neurons of ‖θ_j − θ_j(0)‖ and ‖u_j − u_j(0)‖."
)


def _sign(layer: str, total: bool) -> str:
    letter, norm = (r"\theta", "2") if layer == "θ" else ("u", "2")
    return rf"\|{letter}-\tilde {letter}\|_F" if total else rf"\|{letter}_j-\tilde {letter}_j\|_{norm}"


def distance(size: sp.Symbol, layer: str, total: bool = False) -> Quantity:
    """The distance of a layer from its initialisation as a function of what is swept."""
    kind = "Frobenius distance of all neurons" if total else "mean distance of a neuron"
    return Quantity(
        symbol=sp.Function("Delta")(size),
        meaning=f"{kind} from its initial {layer}, at matched training loss",
        units=f"that of {layer}",
        latex=_sign(layer, total),
    )
