"""Confronts the appendix's settings: the gap NT − NN under other activations and for Δ that is not diagonal."""

from lazy_assay.checks import Check, Configuration, Contrast, Effects, Expected, Route, Values, telling
from lazy_assay.checks.ghorbani2019 import theorem5, theorem6
from lazy_assay.sims.quadratic import other_activations
from lazy_assay.theory.ghorbani2019._quadratic_target import TARGET
from lazy_assay.theory.ghorbani2019.other_settings import CLAIM

# Five percent of the trivial risk is the smallest gap that would matter to the picture.
SMALLEST = 0.05
MADE = {"B": TARGET.domain}
SIZE: Configuration = {"d": 12, "N": 4, "B": "exponential:1"}


def trained(activation: str, bias_scale: float) -> Route:
    """Tangent model and network from one start, on the same batches of fresh samples."""

    def settings(values: Values) -> dict[str, float | str]:
        told: dict[str, float | str] = {"batch": 100, "steps": 1000, "step_size": 0.01, "samples": 4000}
        return {**told, "activation": activation, "bias_scale": bias_scale}

    return Route(
        name=f"trained with {activation}", simulate=other_activations.trained_gap, settings=settings, parameters=MADE
    )


TURNED: Configuration = {"d": 12, "N": 4, "Sigma": "unit", "Delta": "turned levels:1"}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Effects(
            part="activations",
            # One start in ten stays near the trivial risk.
            seeds=telling(0.9),
            contrasts=(
                Contrast("ReLU: tangent model above network", (trained("relu", 0.0), SIZE), None, SMALLEST),
                # Without biases tanh and erf make odd functions, and no odd function fits an even target.
                Contrast("tanh with biases: tangent model above network", (trained("tanh", 0.5), SIZE), None, SMALLEST),
                Contrast("erf with biases: tangent model above network", (trained("erf", 0.5), SIZE), None, SMALLEST),
            ),
        ),
        Effects(
            part="non_diagonal",
            contrasts=(
                Contrast(
                    "rotated Δ: tangent model above network", (theorem5.FAST, TURNED), (theorem6.DESCENT, TURNED), 0.02
                ),
            ),
        ),
    ),
    expected={
        "activations": Expected(status="reproduced", reason="trained by Adam on fresh samples", date="2026-11-22"),
        "non_diagonal": Expected(status="reproduced", reason="Δ definite; rotations change nothing", date="2026-11-22"),
    },
)
