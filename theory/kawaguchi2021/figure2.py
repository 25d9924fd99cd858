"""Figure 2: training loss of SGD and of its two-phase version, against epochs.

"The two-phase training algorithm indeed improves training loss values of the base algorithm in the second phase without
changing any hyper-parameters …, as expected from our theory." The figure prints no numbers. The training loss is read
as the mean of its logarithm over the last half of the second phase; a difference of 0.1 is a tenth.

* `paper_settings`: at the paper's hyper-parameters, on digits. Here the *base* has the lower loss, of a fully connected
  network and (`paper_settings_resnet`) of a ResNet of three blocks. Trainings of the latter are dear: `resnet` asks in
  the direction found, which takes fewer.
* `noise_limited` (ours): where the noise of small mini-batches at a large learning rate, with a fifth of the labels
  wrong, keeps the base from fitting, the two-phase version has the lower loss. Control: the base with a tenth of the
  learning rate, on all layers, is lower than the base as well: it is a matter of noise.

Erratum. The theory gives no inequality between the two. Theorem 1 bounds L(w^t) − L(w*), w* the global minimum, from
above, and says nothing of the base. Gradient flow points the other way at first: from the same w^τ, d/dt L is −‖∇L‖²
for all layers and −‖∇_(H+1) L‖² for the last. Later either may be lower: the base alone can be held at a deficient rank
(`algorithm1`, from copied units), or by noise.
Source: Kawaguchi and Sun 2021, section 7.2, Figure 2 and the paragraph on it.
"""

import sympy as sp

from lazy_assay.theory import Claim, Erratum, Gravity, Observation, Quantity, Source
from lazy_assay.theory.kawaguchi2021 import PAPER
from lazy_assay.theory.kawaguchi2021._experiments import CONVENTION

LOSSES = Quantity(
    symbol=sp.log(sp.Symbol("L_base") / sp.Symbol("L_2")),
    meaning="logarithm of the base's training loss over the two-phase version's, in the last half of the second phase",
    units="natural logarithm",
)
EXPECTED = Erratum(
    gravity=Gravity.RESULT,
    locator="section 7.2, generalization and optimization comparison",
    printed="the two-phase training algorithm indeed improves training loss values of the base algorithm in the second "
    "phase …, as expected from our theory",
    corrected="the theory gives no inequality between the two; on digits, at the paper's hyper-parameters, the base's "
    "training loss is the lower one, and under strong noise the two-phase one",
    derivation="Theorem 1 is an upper bound on the two-phase loss above the global minimum. In gradient flow from the "
    "same w^τ the base's loss falls by ‖∇L‖² at first and the two-phase version's by ‖∇_(H+1) L‖² ≤ ‖∇L‖².",
    evidence="parts paper_settings and noise_limited",
    reading="in the second phase, from the same weights w^τ, the training loss of the two-phase version lies below "
    "that of the base algorithm at the same hyper-parameters",
    charitable="“Our theory” may mean that the two-phase version comes to the global minimum and the base need not: "
    "that orders the limits where the base is held up (by a deficient rank, or by noise: part noise_limited), and not "
    "the losses of a run; the figure may well show the printed order on its own data, which are not tested here.",
)
CLAIM = Claim(
    module=__name__,
    title="Training losses of base and two-phase training",
    source=Source(paper=PAPER, locator="section 7.2, Figure 2"),
    convention=CONVENTION,
    parts=(
        Observation(
            name="paper_settings",
            sentence="At the paper's hyper-parameters two-phase training of a fully connected network on 120 digits "
            "has the lower training loss.",
            quantity=LOSSES,
            errata=(EXPECTED,),
            ours=True,
        ),
        Observation(
            name="paper_settings_resnet",
            sentence="At the paper's hyper-parameters two-phase training of a ResNet of three blocks on 500 digits has "
            "the lower training loss.",
            quantity=LOSSES,
        ),
        Observation(
            name="resnet",
            sentence="At the paper's hyper-parameters the base, a ResNet of three blocks on 500 digits, has the lower "
            "training loss.",
            quantity=LOSSES,
            ours=True,
        ),
        Observation(
            name="noise_limited",
            sentence="Where noise keeps the base from fitting, two-phase training has the lower training loss.",
            quantity=LOSSES,
            ours=True,
        ),
    ),
)
