"""Confronts Figure 2: training losses of base and two-phase training, at the paper's settings and under noise."""

import math

from checks._check import Check, Expected
from checks._procedures.effects import Contrast, Effects
from checks.kawaguchi2021 import _two_phase as runs
from theory.kawaguchi2021.figure2 import CLAIM

TENTH = math.log(1.1)
# Small batches, a learning rate five times the paper's, a fifth of the labels wrong.
NOISY: runs.Configuration = {
    **runs.PERCEPTRON, "n": 200, "epochs": 50, "batch": 8, "step_size": 0.05, "wrong": 0.2, "switches": "0.6",
    "decay": 0.1, "checkpoints": "0.6 0.8 0.84 0.88 0.92 0.96 1",
}  # fmt: skip


def losses(name: str, configuration: runs.Configuration) -> Contrast:
    """Base minus two-phase."""
    two_phase = runs.version(configuration, "0.6", "0.001")
    return runs.contrast(name, configuration, runs.log_loss(runs.BASE), runs.log_loss(two_phase), TENTH)


RESNET = losses("digits, ResNet of three blocks", runs.PAPER)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="paper_settings",
            seeds=runs.seeds,
            # The effect is many times its spread: fresh streams at the strict level are what confirms.
            confirmation=1,
            contrasts=(losses("digits, fully connected", runs.PERCEPTRON),),
            further={
                "full": (RESNET,),
                "nightly": (
                    RESNET,
                    losses("digits, ResNet of three blocks, augmented", runs.AUGMENTED),
                    losses("digits, 18 layers", runs.DEEP),
                    losses("MNIST-5k, ResNet of three blocks", runs.MNIST),
                ),
            },
        ),
        Effects(
            part="noise_limited",
            seeds=runs.seeds,
            contrasts=(
                losses("the two-phase version is lower", NOISY),
                runs.contrast(
                    "the base with a tenth of its learning rate from τ on is lower, too", NOISY,
                    runs.log_loss(runs.BASE), runs.log_loss(runs.DECAYED), TENTH, control=True,
                ),
            ),
        ),
    ),
    expected={
        "paper_settings": Expected(status="reverse", reason="nothing but noise could favour it", date="2026-11-26"),
        "noise_limited": Expected(status="reproduced", reason="the last layer's problem is convex", date="2026-11-26"),
    },
)  # fmt: skip
