"""Confronts (9) and (11)–(13): coefficients read off from trained parameters, and outputs of the tangent model."""

from lazy_assay.checks import Check, Expected, OneOf, Pointwise, Route, Space, Values
from lazy_assay.checks._tangent_models.settings import ANCHOR, DRAWS, by_rule, clock, eta, of_outputs, of_ratio
from lazy_assay.sims.two_layer import tangent_training
from lazy_assay.theory import Choice
from lazy_assay.theory._mathematics.two_layer import CENTRES
from lazy_assay.theory.fang2021.eq9 import CLAIM, ratio

RULES = OneOf(("13", "12", "11"))
SPACE = Space(
    draws={**DRAWS, "rule": RULES, "steps": OneOf((1, 5, 20))},
    anchors=tuple({**ANCHOR, "rule": rule, "steps": 10} for rule in ("11", "12", "13")),
)
RESCALED = Space(draws={**DRAWS, "steps": OneOf((1, 5, 20))}, anchors=({**ANCHOR, "steps": 10},))
# Every part's configurations are those of the kernel form, with centres to read outputs at, and a rule.
PARAMETERS = {"centres": CENTRES.domain, "rule": Choice(("11", "12", "13"))}
TRAINED = Route(
    name="trained tangent model", simulate=tangent_training.trained_output_at, clock=clock, parameters=PARAMETERS
)
SOURCE = "machine epsilons times sizes, steps, and what is added up or cancels"


def ratio_constants(values: Values) -> dict[str, float]:
    """Learning rates of the rule, and the ratio that they make."""
    return {**by_rule(values), "share": ratio(values["rule"], values["alpha"], values["m"])}


def rescaled_constants(values: Values) -> dict[str, float]:
    """A rate at which θ and v = αu/m can be trained together: v moves the outputs as u does at (m/α)² times it."""
    share = (int(values["m"]) / float(values["alpha"])) ** 2
    return {"step_size": eta(values, share), "eta_theta": eta(values, share), "share": share}


OUTPUTS = tuple(
    Pointwise(part=part, space=SPACE, route=TRAINED, rounding=of_outputs, source=SOURCE, constants=by_rule)
    for part in ("expanded", "kernel_form")
)
REFUTED = {
    "rescaled": "the chain rule acts on the gradient and on the step",
    "expanded": "the printed index counts points and not neurons",
    "kernel_form": "the initial output is of order one",
}
CHECK = Check(
    claim=CLAIM,
    uncontrolled={"readable": "the ratio is 0/0 where no weight tells any β: there is nothing that could disagree"},
    procedures=(
        Pointwise(
            part="ratio",
            space=SPACE,
            route=Route(
                name="read off from weights",
                simulate=tangent_training.coefficient_ratio_at,
                clock=clock,
                parameters=PARAMETERS,
            ),
            rounding=of_ratio,
            source=SOURCE,
            constants=ratio_constants,
        ),
        Pointwise(
            part="rescaled",
            space=RESCALED,
            route=Route(
                name="one rate for αu/m and θ",
                simulate=tangent_training.rescaled_ratio_at,
                clock=clock,
                parameters=PARAMETERS,
            ),
            rounding=of_ratio,
            source=SOURCE,
            constants=rescaled_constants,
        ),
        *OUTPUTS,
    ),
    expected={
        "ratio": Expected(status="confirmed", reason="β^u/β^θ = η_u/η_θ", date="2026-11-26"),
        **{
            part: Expected(status="confirmed", reason=reason, date="2026-11-26", as_printed="refuted")
            for part, reason in REFUTED.items()
        },
    },
)
