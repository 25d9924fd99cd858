"""Confronts Table 1: test errors of base and two-phase training, trained with the wrapper of `sims.two_phase`."""

from lazy_assay.checks import Check, Contrast, Effects, Expected
from lazy_assay.checks.kawaguchi2021 import _two_phase as runs
from lazy_assay.theory.kawaguchi2021.table1 import CLAIM

# Percentage points: what would make a practitioner prefer one of two errors of a few percent.
POINT = 1.0


def errors(name: str, configuration: runs.Configuration) -> Contrast:
    """Base minus two-phase at τ_0 = 0.6, δ_0 = 0.001; the finding is that they are about equal."""
    two_phase = runs.version(configuration, "0.6", "0.001")
    return runs.contrast(
        name, configuration, runs.error(runs.BASE), runs.error(two_phase), POINT, equality=True
    )  # fmt: skip


RESNET = errors("digits, ResNet of three blocks", runs.PAPER)
# What would be no equality: the first phase has not fitted yet.
EARLY = runs.contrast(
    "a switch after a tenth of the epochs is worse than the base", runs.PERCEPTRON,
    runs.error(runs.version(runs.PERCEPTRON, "0.1", "0.001")), runs.error(runs.BASE), POINT, control=True,
)  # fmt: skip
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="comparable",
            seeds=runs.seeds,
            contrasts=(errors("digits, fully connected", runs.PERCEPTRON), EARLY),
            further={
                "full": (RESNET,),
                "nightly": (
                    RESNET,
                    errors("digits, ResNet of three blocks, augmented", runs.AUGMENTED),
                    errors("digits, 18 layers", runs.DEEP),
                    errors("MNIST-5k, 18 layers", runs.DEEP_MNIST),
                ),
            },
        ),
    ),
    expected={"comparable": Expected(status="reproduced", reason="within one point", date="2026-11-26")},
)
