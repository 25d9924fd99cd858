"""Confronts Eqs. (20)–(23): what the flow of the particles loses and dissipates, by two codes for the gradient."""

from lazy_assay.checks import (
    Balances,
    Between,
    Check,
    Clock,
    Configuration,
    Control,
    Draw,
    Expected,
    OneOf,
    Route,
    Space,
    Values,
)
from lazy_assay.checks._tangent_models.rounding import EPSILON
from lazy_assay.sims.particles import energy, free_energy
from lazy_assay.theory.fang2021._mean_field import SMOOTH, elapsed
from lazy_assay.theory.fang2021.energy import CLAIM

# Steps of an integrator of order 8: at half of them what is left is some 2⁸ times as much, and is what is allowed.
STEPS = 32
ROWS = 8
ANCHOR: Configuration = {
    "n": 5,
    "d": 3,
    "k": 1,
    "m": 8,
    "alpha": 1.5,
    "activation": "tanh",
    "loss": "squared",
    "lambda_u": 0.05,
    "lambda_theta": 0.02,
    "waves": 0.1,
    "schedule": "constant",
    "time": 1.0,
}
DRAWS: dict[str, Draw] = {
    "n": Between(3, 6),
    "d": OneOf((2, 4)),
    "k": OneOf((1, 2)),
    "m": Between(2, 12),
    "alpha": OneOf((0.5, 1.0, 1.5)),
    "activation": OneOf(SMOOTH),
    "loss": OneOf(("squared", "cross_entropy")),
    "lambda_u": OneOf((0.0, 0.1)),
    "lambda_theta": OneOf((0.0, 0.05)),
    "waves": OneOf((0.0, 0.2)),
    "schedule": OneOf(("constant", "inverse", "exponential")),
    "time": OneOf((0.5, 1.0)),
}
# Between them the anchors have every activation, both losses, one output and two, and every schedule.
ANCHORS = (
    ANCHOR,
    {**ANCHOR, "activation": "sigmoid", "loss": "cross_entropy", "schedule": "inverse", "waves": 0.0},
    {**ANCHOR, "activation": "softplus", "k": 2, "schedule": "exponential", "alpha": 1.0, "waves": 0.0},
    {**ANCHOR, "activation": "erf", "loss": "cross_entropy", "k": 2, "lambda_u": 0.0, "lambda_theta": 0.0},
)
KINKED: Configuration = {**ANCHOR, "activation": "relu", "alpha": 2.0, "waves": 0.0, "time": 4.0}
LONG: Configuration = {**ANCHOR, "schedule": "exponential", "time": 6.0}
SOURCE = "machine epsilons of sums over steps, neurons and points"


def rounding(values: Values) -> float:
    """Of integrals over so many steps of means over neurons, points and dimensions, in units of what they begin at."""
    size = int(values["n"]) + int(values["d"]) + int(values.get("m", 1))
    return float(64 * EPSILON * size * (1 + float(values["alpha"]) ** 2) * (1 + float(values["time"])))


def clock(values: Values, steps: int = STEPS) -> Clock:
    """Equal steps of (20)."""
    return Clock(step_size=float(values["time"]) / steps, steps=steps, alpha=float(values["alpha"]))


def followed(name: str, columns: tuple[str, ...], along: str = "g", steps: int = STEPS) -> Route:
    """Some columns of a flow, and the same at half the steps."""
    where = [energy.COLUMNS.index(column) for column in columns]
    return Route(
        name=name,
        simulate=energy.followed,
        settings=lambda values: {"steps": steps, "along": along},
        coarser=lambda values: {"steps": steps // 2},
        clock=lambda values: clock(values, steps),
        reads=lambda draws: draws[:, where],
        trials=lambda values: ROWS,
    )


def moment(name: str) -> Balances:
    """(21) for one ψ."""
    told = {"moment": name}
    return Balances(
        part="moments",
        name=f"both sides, {name}",
        space=Space(draws={**DRAWS, "moment": OneOf((name,))}, anchors=tuple({**a, **told} for a in ANCHORS)),
        route=followed(f"flow, {name}", (f"{name}_change", f"{name}_integral")),
        rounding=rounding,
        source=SOURCE,
    )


LOSSES = ("fall", "dissipation", "without_rate", "mean_first")
CONTROLS = (Control(assumption="smooth", configuration=KINKED),)
SLOPES = Route(
    name="flow under η and at η = 1",
    simulate=energy.slopes_at,
    settings=lambda values: {"steps": 2 * STEPS, "elapsed": elapsed(values["schedule"], values["time"])},
    coarser=lambda values: {"steps": STEPS},
    clock=lambda values: clock(values, 2 * STEPS),
    trials=lambda values: ROWS,
)
NORMAL: Configuration = {
    "n": 5,
    "d": 3,
    "alpha": 1.5,
    "lambda_theta": 0.3,
    "temperature": 0.2,
    "schedule": "inverse",
    "time": 1.0,
}
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Balances(
            part="dissipation",
            space=Space(draws=DRAWS, anchors=ANCHORS),
            route=followed("∇g by (18)", LOSSES),
            rounding=rounding,
            source=SOURCE,
            controls=CONTROLS,
        ),
        Balances(
            part="dissipation",
            name="both sides, backpropagated",
            space=Space(draws=DRAWS, anchors=ANCHORS[:1]),
            route=followed("m ∂φ/∂w by backpropagation", LOSSES, "m phi"),
            rounding=rounding,
            source=SOURCE,
            wrong_versions=False,
        ),
        Balances(
            part="parameters",
            space=Space(draws=DRAWS, anchors=ANCHORS[:1]),
            route=followed("∂φ/∂w by backpropagation", LOSSES[:2], "phi"),
            rounding=rounding,
            source=SOURCE,
        ),
        *(moment(name) for name in ("squares", "products", "bounded")),
        Balances(
            part="kinks",
            space=Space(
                draws={name: OneOf((value,)) for name, value in KINKED.items()} | {"m": Between(4, 12)},
                anchors=(KINKED,),
            ),
            route=followed("flow with kinks", ("last", "least", "first", "dissipation")),
            rounding=rounding,
            source=SOURCE,
        ),
        Balances(
            part="time_change",
            space=Space(draws={**DRAWS, "time": OneOf((2.0, 4.0))}, anchors=(LONG, {**LONG, "schedule": "inverse"})),
            route=SLOPES,
            rounding=rounding,
            source=SOURCE,
        ),
        Balances(
            part="least_gradient",
            space=Space(
                draws={**DRAWS, "time": OneOf((2.0, 4.0))}, anchors=({**ANCHOR, "time": 0.1}, {**LONG, "time": 30.0})
            ),
            route=followed("flow with looks", ("least_gradient", "fall"), steps=2 * STEPS),
            rounding=rounding,
            source=SOURCE,
        ),
        Balances(
            part="entropy",
            space=Space(
                draws={
                    "n": OneOf((3, 5)),
                    "d": Between(1, 4),
                    "alpha": OneOf((1.0, 2.0)),
                    "lambda_theta": OneOf((0.1, 0.5)),
                    "temperature": OneOf((0.05, 0.3)),
                    "schedule": OneOf(("constant", "inverse", "exponential")),
                    "time": OneOf((0.5, 1.0)),
                },
                anchors=(NORMAL,),
            ),
            route=Route(
                name="flow of a normal law",
                simulate=free_energy.dissipation,
                settings=lambda values: {"steps": STEPS},
                coarser=lambda values: {"steps": STEPS // 2},
                clock=clock,
                trials=lambda values: ROWS,
            ),
            rounding=rounding,
            source=SOURCE,
        ),
    ),
    expected={
        "dissipation": Expected(
            status="confirmed", reason="the chain rule, g being the first variation", date="2026-11-29"
        ),
        "parameters": Expected(status="confirmed", reason="∂φ/∂w_j = ∇g_j/m", date="2026-11-29"),
        "moments": Expected(status="confirmed", reason="the chain rule", date="2026-11-29"),
        "kinks": Expected(status="confirmed", reason="a flow in Filippov's sense", date="2026-11-29"),
        "time_change": Expected(
            status="confirmed",
            reason="a scalar rate changes the clock alone",
            date="2026-11-29",
            as_printed="refuted",
        ),
        "least_gradient": Expected(
            status="confirmed", reason="a least value is no larger than a mean", date="2026-11-29"
        ),
        "entropy": Expected(status="confirmed", reason="the first variation has λ_p log p in it", date="2026-11-29"),
    },
)
