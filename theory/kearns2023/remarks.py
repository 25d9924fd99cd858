"""Testable remarks of sections 4 to 6.

* `high_dimension`: 100 points in 1,280 dimensions "could not be trained": "too irregular for a neural network to reach
  any sort of progress". They train in a few steps, for
* `separable`: 100 points in general position in d ≥ 100 dimensions are linearly separable under every labelling: X has
  full row rank, so w = X⁺y has margins y_i⟨w, x_i⟩ = 1. Certified by a witness at each draw. If training failed there,
  the reason was not the data.
* `lower_variance`: the Frobenius norm of the movement "tends to result in lower variance" than the absolute difference.
  It has the lower variance, by construction: over all weights Σ|ΔW| is about √(d n) times ‖ΔW‖_F, and so is its
  standard deviation. Relative to their means the two spread alike at a loss of 0.6 (control), over networks trained on
  the same points: "a more precise way" does not follow.
* `separable_only`: "a two-layer neural network can only approximate functions that are separable, meaning that the
  decision boundary … can be defined by a linear combination of the input features" (two hidden layers). False: labels
  sign(x_1 x_2), which no linear model fits, are fitted. Any network of one hidden layer is one of two (a second ReLU
  layer passes relu(u) and relu(−u) on), so two hidden layers are universal approximators where one is.
Source: Kearns et al. 2023, section 4, section 6 (after figure 6; after figure 8).
"""

import sympy as sp

from lazy_assay.theory import Claim, Erratum, Existence, Gravity, Observation, Quantity, Source
from lazy_assay.theory.kearns2023 import PAPER
from lazy_assay.theory.kearns2023._experiments import ACCURACY, CONVENTION

CLAIM = Claim(
    module=__name__,
    title="Remarks on dimension, precision and depth",
    source=Source(paper=PAPER, locator="sections 4 and 6"),
    convention=CONVENTION,
    parts=(
        Observation(
            name="high_dimension",
            sentence="On 100 points in 1,280 dimensions the training loss of networks of 10 and of 10-10 neurons stays "
            "near ln 2.",
            quantity=Quantity(symbol=sp.Symbol("L"), meaning="training loss after at most 100 steps", units="nats"),
            errata=(
                Erratum(
                    gravity=Gravity.RESULT,
                    locator="section 6, after figure 8",
                    printed="the attempts proved futile because the complexity of the data as well as the labels "
                    "proved to be too irregular for a neural network to reach any sort of progress",
                    corrected="every network tried fits the labels in some tens of steps",
                    derivation="100 points in general position in 1,280 dimensions are linearly separable, whatever "
                    "their labels (part `separable`)",
                    evidence="trained networks; a separating direction for each draw",
                    charitable=(
                        "Another optimiser, a bug or too few steps may have stopped these runs; the cause "
                        "that is given, irregular data and labels, is what does not follow."
                    ),
                ),
            ),
        ),
        Existence(
            name="separable",
            sentence="100 Gaussian points in 1,280 dimensions have a separating direction under every labelling.",
            quantity=Quantity(
                symbol=sp.Symbol("gamma"), meaning="least margin y_i⟨w, x_i⟩ at w = X⁺y", units="largest margin"
            ),
            ours=True,
        ),
        Observation(
            name="lower_variance",
            sentence="Over random initialisations of 100 neurons, at a loss of 0.6, the norm of the movement has a "
            "lower variance than the absolute difference.",
            quantity=Quantity(
                symbol=sp.Symbol("v"), meaning="logarithm of a standard deviation, or a difference of two", units="nats"
            ),
        ),
        Observation(
            name="separable_only",
            sentence="On labels sign(x_1 x_2), not separable, two hidden layers of 100 neurons do no better than a "
            "linear model.",
            quantity=ACCURACY,
            errata=(
                Erratum(
                    gravity=Gravity.RESULT,
                    locator="section 6, after figure 6",
                    printed="a two-layer neural network can only approximate functions that are separable",
                    corrected="networks with two hidden layers fit labels that no linear model fits",
                    derivation="u = relu(u) − relu(−u): a second hidden layer can pass the first one on, so two hidden "
                    "layers represent whatever one does, and one is universal (the paper's [9], [10], [11])",
                    evidence="labels sign(x_1 x_2) fitted by two hidden layers, and by no linear model",
                    charitable=(
                        "Read as “two hidden layers of these few neurons”: with the smallest sizes of the "
                        "paper they fit as well."
                    ),
                ),
            ),
        ),
    ),
)
