"""Confronts Theorem 4: the exact mean, the bound for drawn functions and for all at once, losses, and SGD."""

from dataclasses import replace

from lazy_assay.checks import (
    Between,
    Certificates,
    Check,
    Configuration,
    Control,
    Expected,
    Fine,
    Means,
    OneOf,
    Resolution,
    Route,
    Space,
)
from lazy_assay.checks.daniely2019 import _certificates
from lazy_assay.checks.daniely2019._spaces import FUNCTIONS, SEEDS, embedded, many_replicas, seeded, supervised
from lazy_assay.checks.daniely2019.corollary3 import (
    AT_ONCE,
    BASIS,
    EMBEDDINGS,
    ONE_FEATURE,
    ONE_STEP,
    OTHER_UNITS,
    PAIRS,
    SGD,
    SIXTEEN,
    TRAINABLE,
    one_step,
)
from lazy_assay.sims.paired import random_embeddings
from lazy_assay.theory.daniely2019.theorem4 import CLAIM

SMALL: Configuration = {"d": 2, "q": 1, "c": 2, "n": 3, "centres": "sphere:1", "coefficients": "gaussian:1"}
NEAR_ISOTROPIC: Configuration = {"d": 6, "q": 4, "c": 3, "n": 12, "centres": "sphere:85", "coefficients": "gaussian:4"}
ISOTROPIC: Configuration = {**NEAR_ISOTROPIC, "points": "cross", "activation": "abs"}
CONCENTRATED: Configuration = {
    "d": 6,
    "q": 16,
    "c": 2,
    "n": 2,
    "centres": "sphere:1",
    "coefficients": "gaussian:1",
    "points": "single:100",
    "activation": "abs",
}
# Where one feature's error is the same at every input but for 1/d of it, and the mean iterate of one step is 0.
EVEN: Configuration = {
    "d": 96,
    "q": 1,
    "c": 1,
    "n": 192,
    "centres": "cube:1",
    "coefficients": "gaussian:1",
    "points": "cross",
    "activation": "abs",
}
# Two orthogonal inputs, and a centre between them: three quarters of the bounds, in other units of |u| and at R > 1.
BETWEEN: Configuration = {
    "d": 2,
    "q": 1,
    "c": 1,
    "n": 2,
    "centres": "axes",
    "coefficients": "ones",
    "points": "fan:90",
    "activation": "steep_abs",
}
OTHERS: tuple[Configuration, ...] = (
    BETWEEN,
    {**BETWEEN, "activation": "flat_abs"},
    {**BETWEEN, "activation": "abs", "d": 16},
)
LABELLED: Configuration = {"labels": "signs:1", "loss": "absolute"}
NEAR = Resolution(relative=0.002)
FRESH: Configuration = {"d": 10, "c": 2, "centres": "sphere:1", "coefficients": "gaussian:1"}
LOSSES = {"labels": seeded("signs"), "loss": OneOf(("absolute", "hinge", "logistic"))}
# Half a million embeddings a configuration tell one percent.
PRECISE = replace(
    EMBEDDINGS,
    settings=lambda values: embedded(values) | {"replicas": many_replicas(values)},
    examples=0,
)


def identity(activations: tuple[str, ...]) -> Means:
    """The exact mean for some activations, by both routes, with no allowance but Monte Carlo and quadrature."""
    return Means(
        part="exact_mean",
        name=f"identity, {' and '.join(activations)}",
        space=Space(
            draws={**FUNCTIONS, "activation": OneOf(activations)},
            anchors=({**SMALL, "n": 2, "points": "sphere:102", "activation": activations[-1]},),
        ),
        routes=(EMBEDDINGS, PAIRS),
        resolution=Resolution(relative=0.03, absolute=1e-5),
    )


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Means(
            part="exact_mean",
            name="one percent",
            space=Space(
                draws=FUNCTIONS,
                anchors=(
                    {**SMALL, "points": "sphere:101", "activation": "relu"},
                    {**SMALL, "points": "few:101", "activation": "abs"},
                ),
            ),
            routes=(PRECISE,),
            resolution=Resolution(relative=0.005),
        ),
        *(identity(names) for names in (("abs", "relu"), ("erf", "sin"), ("tanh", "softplus"))),
        Means(
            part="bound",
            name="upper bound",
            space=Space(draws=FUNCTIONS, anchors=(ISOTROPIC, CONCENTRATED, *OTHERS)),
            routes=(EMBEDDINGS,),
            resolution=Resolution(relative=0.01, absolute=1e-5),
            fine=Fine(anchors=(EVEN,), resolution=NEAR),
        ),
        Means(
            part="isotropic",
            name="identity",
            space=Space(
                draws={
                    **FUNCTIONS,
                    "d": Between(2, 4),
                    "n": OneOf((48,)),
                    "points": OneOf(("cross", "vertices")),
                    "activation": OneOf(("abs", "relu")),
                },
                anchors=(ISOTROPIC, {**ISOTROPIC, "activation": "relu", "q": 1}),
            ),
            routes=(replace(EMBEDDINGS, trials=lambda values: 256),),
            resolution=Resolution(relative=0.03, absolute=1e-5),
            fine=Fine(
                anchors=(ISOTROPIC, {**ISOTROPIC, "activation": "relu", "q": 1}),
                resolution=Resolution(relative=0.009),
                copies=2,
            ),
            controls=(Control(assumption="isotropic inputs", configuration={**CONCENTRATED, "q": 1}),),
        ),
        Means(
            part="population",
            name="fresh inputs",
            space=Space(
                draws={
                    "d": Between(2, 20),
                    "c": Between(1, 3),
                    "centres": seeded("sphere"),
                    "coefficients": seeded("gaussian"),
                    "activation": OneOf(("abs", "relu")),
                    "distribution": OneOf(("sphere", "cube")),
                },
                anchors=(
                    {**FRESH, "activation": "abs", "distribution": "sphere"},
                    {**FRESH, "activation": "relu", "distribution": "cube"},
                ),
            ),
            routes=(
                Route(
                    name="one feature, fresh inputs",
                    simulate=random_embeddings.feature_square,
                    settings=lambda values: {"replicas": 64},
                    trials=lambda values: 512,
                ),
            ),
            resolution=Resolution(relative=0.03),
            fine=Fine(
                anchors=({**FRESH, "activation": "abs", "distribution": "sphere"},),
                resolution=Resolution(relative=0.009),
                copies=2,
            ),
        ),
        Certificates(part="every_function", cases=_certificates.every_function, route="ball arithmetic"),
        Certificates(part="relu", cases=_certificates.relu, route="ball arithmetic"),
        Certificates(part="sharp", cases=_certificates.sharp, route="ball arithmetic"),
        Means(
            part="lipschitz_loss",
            name="upper bound",
            space=Space(
                # Labels may cancel on copies of a point, and where a loss is linear every draw is then 0.
                draws={**FUNCTIONS, "points": seeded("sphere", first=SEEDS), **LOSSES},
                anchors=(
                    {**ISOTROPIC, "q": 16, "labels": "signs:1", "loss": "absolute"},
                    {**CONCENTRATED, "labels": "signs:1", "loss": "absolute"},
                    *({**other, **LABELLED} for other in OTHERS),
                ),
            ),
            routes=(
                replace(EMBEDDINGS, name="excess losses", simulate=random_embeddings.excess_loss, settings=supervised),
            ),
            resolution=Resolution(relative=0.01, absolute=1e-4),
            fine=Fine(anchors=({**EVEN, "labels": "signs:1", "loss": "absolute"},), resolution=NEAR),
        ),
        Means(
            part="sgd",
            name="upper bound",
            space=Space(
                draws={**FUNCTIONS, **TRAINABLE, **LOSSES},
                anchors=(
                    {**ISOTROPIC, "q": 64, "steps": 256, "labels": "signs:1", "loss": "absolute"},
                    *({**trained, **LABELLED} for trained in (BASIS, ONE_FEATURE)),
                ),
                further=({**SIXTEEN, **LABELLED},),
            ),
            routes=(SGD,),
            resolution=Resolution(relative=0.01, absolute=1e-4),
        ),
        one_step(
            Space(
                draws={**FUNCTIONS, **AT_ONCE, **LOSSES},
                anchors=tuple({**one, **LABELLED} for one in (ONE_STEP, *OTHER_UNITS)),
            )
        ),
    ),
    expected={
        "exact_mean": Expected(status="confirmed", reason="an exact mean", date="2026-11-26"),
        "bound": Expected(status="holds, sharp", reason="reached by abs and one centre as d grows", date="2026-11-29"),
        "isotropic": Expected(status="confirmed", reason="the exact mean at A = K/d or K/(2d)", date="2026-11-26"),
        "population": Expected(status="confirmed", reason="the exact mean at A = K/d or K/(2d)", date="2026-11-26"),
        "every_function": Expected(status="confirmed", reason="proved in balls on every draw", date="2026-11-26"),
        "relu": Expected(status="confirmed", reason="derived here; proved in balls on every draw", date="2026-11-26"),
        "sharp": Expected(status="confirmed", reason="functions that vanish on D", date="2026-11-26"),
        "lipschitz_loss": Expected(
            status="holds, sharp", reason="errors of the same size everywhere", date="2026-11-29"
        ),
        "sgd": Expected(status="holds, sharp", reason="reached at one step and many features", date="2026-11-29"),
    },
)
