"""Section 5.2: which networks are real analytic in their parameters.

"The convolution, affine map, average pooling, shortcut skip connection are all real analytic functions", batch
normalisation is (Proposition 1), and so are sigmoid, hyperbolic tangent and softplus; compositions are analytic. So a
residual network with batch normalisation and softplus is analytic in its parameters, the data fixed.

One part. Each network is exported, every operator of it looked up, and each domain (variance + ε > 0) shown to hold: a
certificate, or none. One-sided: what is not certified may be analytic all the same. ReLU and maximal pooling stand
beside as negative controls: they get no certificate.

Remark. ln(1 + e^{ζz})/ζ is analytic; torch's `Softplus(beta=ζ)` is not that function. Above ζz = 20 it returns z: at
z = 20/ζ it falls by ln(1 + e^{−20})/ζ = 2.1e-9/ζ where the formula rises, so as computed it is not even continuous, and
the argument of Theorem 1 (an analytic φ that is not zero has a null zero set) does not apply: where every neuron is
beyond the switch the network is affine in each layer. logaddexp(ζz, 0)/ζ is analytic as computed.
Source: Kawaguchi and Sun 2021, section 5.2; section 7 for the network.
"""

import sympy as sp

from lazy_assay.theory import AlmostSure, Claim, Quantity, Remark, Source
from lazy_assay.theory.kawaguchi2021 import PAPER

CLAIM = Claim(
    module=__name__,
    title="Networks that are real analytic",
    source=Source(paper=PAPER, locator="section 5.2; section 7, first paragraph"),
    convention="Analytic in the parameters, data fixed; frozen parameters count, buffers and data are constants.",
    parts=(
        AlmostSure(
            sentence="Affine maps, convolutions, average pooling, skips, batch norm and softplus are analytic.",
            quantity=Quantity(
                symbol=sp.Symbol("offending", nonnegative=True, integer=True),
                meaning="operators of the exported network that are not certified analytic",
                units="operators",
            ),
            remarks=(
                Remark(
                    locator="section 5.2, softplus",
                    sentence="The formula ln(1 + exp(ζz))/ζ is analytic; torch's Softplus(beta=ζ) is a straight line "
                    "above ζz = 20, where it falls by 2.1e-9/ζ, and so is not, as computed. That is torch's doing and "
                    "not the paper's; logaddexp(ζz, 0)/ζ is analytic as computed.",
                ),
            ),
        ),
    ),
)
