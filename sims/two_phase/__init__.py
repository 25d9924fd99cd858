"""Two-phase training (Kawaguchi and Sun 2021, Algorithm 1) around any torch optimiser and any module with a last linear
layer.

    >>> from sims.two_phase import TwoPhase
    >>> optimiser = torch.optim.SGD(module.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-5)
    >>> training = TwoPhase(module, optimiser, inputs, targets, noise=1e-3, batch_size=64)
    >>> training.fit(epochs=100, switch_after=60)

The first phase is the base algorithm. `switch` adds Gaussian noise to every parameter but the last layer's. In the
second phase the base algorithm goes on, on the last layer alone, whose inputs are then fixed and kept (`features`), or,
with second_phase="all layers", on all layers, each step made so short that the tangent kernel keeps its rank.

Batch normalisation: in the theory h_X has the statistics of the whole training set. So the switch sets each running
statistic to exactly that, and freezes it: the features of a training input are those of h_X, and do not drift with the
mini-batches. Dropout is off from then on.

What it guarantees depends on the base algorithm: see `theory.kawaguchi2021.algorithm1`. Whether [h_X, 1] has full rank
is what `sims.rank.certified_rank(training.module, training.inputs)` proves, after the switch.
"""

from lazy_assay.sims.two_phase._errors import TwoPhaseError
from lazy_assay.sims.two_phase._training import TwoPhase

__all__ = ["TwoPhase", "TwoPhaseError"]
