"""Section 2.3: Xavier initialisation with zero outputs makes h = 0 everywhere, and pairs the gradients.

W = [W'; W'] and u = (B, …, B, −B, …, −B): h(x) = Σ_{i≤q} (B − B)σ(<w_i, x>) = 0 for every W' and every x. The gradients
of a pair are ∂h/∂w_i = Bσ'(<w_i, x>)x = −∂h/∂w_{i+q} and ∂h/∂u_i = σ(<w_i, x>) = ∂h/∂u_{i+q}.

Decoys: the same network with independent signs of u in place of pairs has E h(x)² = 2qB²E σ(G)²; and gradients of a
pair that were equal, not opposite, would leave twice the gradient. Source: Daniely 2020, section 2.3.
"""

import numpy as np
import sympy as sp

from lazy_assay.theory import Claim, Decoy, Eq, Identity, Quantity, Source
from lazy_assay.theory._mathematics import dual_activations as duals
from lazy_assay.theory.daniely2019 import PAPER
from lazy_assay.theory.daniely2019._parameters import ACTIVATION, POINTS, SCALE, WEIGHTS

output, left = sp.symbols("h g", real=True)

CLAIM = Claim(
    module=__name__,
    title="Initialisation with zero outputs",
    source=Source(paper=PAPER, locator="section 2.3"),
    convention="Outputs over B.",
    parts=(
        Identity(
            name="output",
            sentence="At initialisation the network is zero at every input, whatever its weights.",
            quantity=Quantity(
                symbol=output,
                meaning="root mean square of h over the points, over B",
                units="output",
                low=0,
                latex=r"h_{W,u}(x)",
            ),
            statement=Eq(output, sp.Integer(0)),
            parameters=(WEIGHTS, POINTS, SCALE, ACTIVATION),
            published=lambda: 0.0,
            decoys=(
                Decoy(
                    name="independent signs",
                    sentence="√(2q E σ(G)²): output weights ±B without pairs",
                    published=lambda W, activation: float(np.sqrt(2 * W.shape[1] * duals.dual(activation, 1.0))),
                ),
            ),
        ),
        Identity(
            name="gradients",
            sentence="The gradients of a pair are opposite in the first layer and equal in the second.",
            quantity=Quantity(
                symbol=left,
                meaning="what is left of the pairs' sums and differences over the gradients",
                latex=r"\nabla_{u_i}h+\nabla_{u_{i+q}}h",
            ),
            statement=Eq(left, sp.Integer(0)),
            parameters=(WEIGHTS, POINTS, SCALE, ACTIVATION),
            published=lambda: 0.0,
            decoys=(Decoy(name="equal gradients", sentence="2: a pair moves together", published=lambda: 2.0),),
        ),
    ),
)
