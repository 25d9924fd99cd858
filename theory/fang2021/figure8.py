"""Figure 8: what the hidden weights of a trained network look like.

"When we use a Variational Auto-Encoder (VAE) to learn the optimized ρ distribution from samples of pre-trained models,
we observe meaningful patterns not found at the initialization."

`span`, by construction. Every gradient of the loss in θ_j is a combination of training inputs, Σ_i c_ij x_i. So for an
optimiser whose steps are linear in the gradients (descent, momentum, batches, any schedule) and no decay, the change
Δ_j = θ_j(T) − θ_j(0) lies in the span of the inputs: ‖Δ‖² = ‖PΔ‖² with P its projection. Adam divides each entry by
a root of its own and leaves the span; decay of strength λ takes the part of θ(0) outside with it, by (1 − ηλ)^T. What
looks like images in Δ is a combination of images for any labels whatsoever.
`untouched`. A pixel that is zero in every input has no gradient, by any optimiser: without decay its weight keeps its
initial value to the bit. Other weights move, but for those whose every step is below rounding: a pixel that is dark at
all points but one, at which the slope of erf is 10⁻⁴⁰.

`smoother`. Neighbouring pixels of trained weights are alike, of initial ones they are not. Autocorrelation at lag 1 is
a function of the second moments alone, so that normal weights with the trained second moments are as smooth (a control,
and labels dealt out anew make weights smoother too). To claim more than second moments, `beyond_normal` asks for the
excess kurtosis of projections on the leading principal directions, which normal weights do not have. Found for ReLU
(1.2 against −0.1 at 48 draws), not for tanh (−0.3); why is not settled here.
Source: Fang, Dong, Zhang 2021, section VI, Figure 8 and the paragraph on it.
"""

import sympy as sp

from lazy_assay.theory import (
    Assumption,
    Balance,
    Choice,
    Claim,
    Decoy,
    Eq,
    Integer,
    Observation,
    Parameter,
    Quantity,
    Real,
    Remark,
    Source,
)
from lazy_assay.theory._mathematics.two_layer import WIDTH
from lazy_assay.theory.fang2021 import PAPER
from lazy_assay.theory.fang2021._mean_field import SMOOTH

D_2, P_2, P_1, R_2, C, C_0, C_1 = sp.symbols("D_2 P_2 P_1 R_2 C C_0 C_1", nonnegative=True)
WHOLE = Integer(0)
POINTS = Parameter("n", sp.Symbol("n", positive=True, integer=True), "training points", Integer(1))
PIXELS = Parameter("d", sp.Symbol("d", positive=True, integer=True), "pixels", Integer(1))
BLANK = Parameter("blank", sp.Symbol("b", nonnegative=True, integer=True), "pixels zero at every point", WHOLE)
OPTIMISER = Parameter(
    "optimiser", sp.Symbol("o"), "what takes the steps", Choice(("descent", "momentum", "batches", "adam"))
)
DECAY = Parameter("decay", sp.Symbol("lambda"), "weight decay λ", Real(0, closed_low=True))
ACTIVATION = Parameter("activation", sp.Symbol("sigma"), "activation", Choice(SMOOTH))
RUN = (POINTS, PIXELS, WIDTH, BLANK, OPTIMISER, DECAY, ACTIVATION)


_SIGNS = {P_2: r"\|P(\theta_T-\theta_0)\|_2^2", C_0: r"\#\{x_{ik}=0\;\forall i\}"}


def _measured(name: str, symbol: sp.Symbol, meaning: str) -> Parameter:
    return Parameter(name, symbol, meaning, Real(0, closed_low=True), latex=_SIGNS.get(symbol, ""))


PROJECTED = _measured("projected", P_2, "‖PΔ‖², P on the span of the inputs")
WITHOUT_ONE = _measured("without_one", P_1, "the same without the last input")
OUTSIDE = _measured("outside", R_2, "‖(1 − P)θ(0)‖²")
ALWAYS = _measured("always", C_0, "weights of pixels that are zero at every point")
SOMEWHERE = _measured("somewhere", C_1, "weights of pixels that are zero at some point")
NO_DECAY = Assumption(name="no decay", sentence="the weights are not decayed", holds=lambda decay: decay == 0)
LINEAR = Assumption(
    name="linear steps", sentence="steps are linear in the gradients", holds=lambda optimiser: optimiser != "adam"
)
LIKENESS = Quantity(
    symbol=sp.Symbol("r"), meaning="mean product of neighbouring pixels over the mean square", low=-1, high=1
)
KURTOSIS = Quantity(symbol=sp.Symbol("kappa"), meaning="excess kurtosis in five principal directions")
PATTERNS = Remark(
    locator="section VI, on Figure 8",
    sentence="“Meaningful patterns not found at the initialization” cannot but be found in the change of the weights: "
    "it is a combination of training images whatever the labels (part span). What labels add is a matter of degree.",
)
CLAIM = Claim(
    module=__name__,
    title="What learned weights look like",
    source=Source(paper=PAPER, locator="section VI, Figure 8 and the paragraph on it"),
    convention="f = (1/m) Σ u_j σ(θ_jᵀx), ½ the mean squared error, steps of −η∇g (20). Observations: digits (8 × 8), "
    "60 points, m = 64, θ ~ N(0, 0.01), no decay, 100 steps of 1; the weights themselves, and no VAE between.",
    parts=(
        Balance(
            name="span",
            ours=True,
            sentence="Without decay, by steps linear in the gradients, the change of θ lies in the span of the inputs.",
            quantity=Quantity(symbol=D_2, meaning="‖θ(T) − θ(0)‖²", low=0, latex=r"\|\theta_T-\theta_0\|_2^2"),
            statement=Eq(D_2, P_2),
            parameters=(PROJECTED, WITHOUT_ONE, OUTSIDE, *RUN),
            measured=("projected", "without_one", "outside"),
            assumptions=(NO_DECAY, LINEAR),
            published=lambda projected: projected,
            decoys=(
                Decoy(
                    name="one input less",
                    sentence="the span of all inputs but one",
                    published=lambda without_one: without_one,
                ),
                Decoy(
                    name="θ itself",
                    sentence="θ(T), and not its change, in the span: ‖PΔ‖² + ‖(1 − P)θ(0)‖²",
                    published=lambda projected, outside: projected + outside,
                ),
            ),
        ),
        Balance(
            name="untouched",
            ours=True,
            sentence="Without decay every weight whose pixel is zero in all training inputs keeps its initial value, "
            "to the bit.",
            quantity=Quantity(
                symbol=C,
                meaning="weights of dark pixels that are what they were",
                units="weights",
                low=0,
                latex=r"\#\{w_{jk}(T)=w_{jk}(0)\}",
            ),
            statement=Eq(C, C_0),
            parameters=(ALWAYS, SOMEWHERE, *RUN),
            measured=("always", "somewhere"),
            assumptions=(NO_DECAY,),
            published=lambda always: always,
            decoys=(
                Decoy(
                    name="somewhere",
                    sentence="where its pixel is zero in some input",
                    published=lambda somewhere: somewhere,
                ),
            ),
        ),
        Observation(
            name="smoother",
            sentence="Neighbouring pixels of trained weights are alike, those of initial ones are not.",
            quantity=LIKENESS,
            remarks=(PATTERNS,),
        ),
        Observation(
            name="beyond_normal",
            ours=True,
            sentence="Trained ReLU weights have excess kurtosis in their principal directions, which normal weights "
            "with the same second moments have not.",
            quantity=KURTOSIS,
        ),
    ),
)
