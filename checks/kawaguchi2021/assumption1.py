"""Certifies the rank of networks at drawn weights, the paper's ResNet among them, and the structural form.

Networks that are deficient by construction are the decoys: the certificate must refute every one. numpy's matrix_rank,
which the paper used, stands beside each certificate, on float64 features and on float32 ones cast up.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from lazy_assay.checks import (
    Case,
    Certificate,
    Certificates,
    Check,
    Context,
    DataAbsentError,
    Expected,
    Scalar,
    Subject,
    Verdict,
    subset,
)
from lazy_assay.checks.kawaguchi2021._certified import DEFICIENT, FULL, Drawn, certify, drawn, shown, twice
from lazy_assay.sims.deep import preactivation_resnet as resnets
from lazy_assay.sims.rank import Scope
from lazy_assay.theory.kawaguchi2021.assumption1 import CLAIM

Array = np.ndarray
INITIALISATIONS = {"good": (1.0, 1.0), "small": (0.1, 0.1), "large": (5.0, 0.1)}


def networks(context: Context) -> Iterator[tuple[dict[str, Scalar], Drawn, float]]:
    """A population like that of the benchmark, in the profile's number and size."""
    rng = np.random.default_rng(context.key("networks"))
    largest = 256 if context.profile.thorough else 48
    for index in range(2 * context.profile.seeds):
        depth, initialisation = int(rng.integers(1, 7)), list(INITIALISATIONS)[index % 3]
        hidden = np.exp(rng.uniform(0, np.log(largest), depth + 1)).round().astype(int).tolist()
        widths = (min(hidden[0], 64), *hidden[1:-1], max(2, hidden[-1]), 1)
        zeta, n = float(np.exp(rng.uniform(0, np.log(100)))), int(rng.integers(2, widths[-2] + 2))
        gain, bias_scale = INITIALISATIONS[initialisation]
        (draw,) = drawn(context, n, widths, gain=gain, bias_scale=bias_scale, label=f"network {index}")
        where: dict[str, Scalar] = {"n": n, "widths": shown(widths), "zeta": zeta, "initialisation": initialisation}
        yield where, draw, zeta


def softplus_networks(context: Context) -> Iterator[Case]:
    """Every one of the population, and what numpy says of it."""
    for where, draw, zeta in networks(context):
        module = draw.module("softplus", zeta)
        found = certify(context, module, draw.x)
        yield where, Subject.CLAIM, "softplus", found
        yield from mistakes(where, found, module, draw.x, "float64")


def deficient_networks(context: Context) -> Iterator[Case]:
    """Deficient by construction: a proof of the opposite is asked for, and numpy is asked on float32 features."""
    for n in (6, 11, 20):
        for kind, module, x in constructed(context, n):
            where: dict[str, Scalar] = {"n": n, "network": kind}
            found = certify(context, module, x)
            yield where, Subject.DECOY, f"{kind}: full all the same", found
            yield from mistakes(where, found, module, x, "float32")


def constructed(context: Context, n: int) -> Iterator[tuple[str, Any, Array]]:
    """(kind, module, inputs): each has rank below n for a reason of its own."""
    import torch

    (draw,) = drawn(context, n, (3, 5, n + 2, 1), label="deficient")
    yield "a sample twice", draw.module(), twice(draw.x)
    yield "linear", draw.module("linear"), draw.x
    dead: Any = draw.module("relu")
    forgetful: Any = draw.module()
    repeated: Any = draw.module()
    with torch.no_grad():
        dead[0].bias.fill_(-100.0)
        forgetful[0].weight.zero_()
        for weight in (repeated[2].weight, repeated[2].bias):
            weight[2:] = weight[1].clone()
    yield "ReLU, all units dead", dead, draw.x
    yield "a first layer of zeros", forgetful, draw.x
    yield "two kinds of units", repeated, draw.x


def mistakes(where: dict[str, Scalar], found: Certificate, module: Any, x: Array, features: str) -> Iterator[Case]:
    """matrix_rank, where it says the opposite of what is certified; where it is right it proves nothing either."""
    rank = numpy_rank(module, x, features)
    certified = {Verdict.AGREES: FULL, Verdict.DISAGREES: DEFICIENT}.get(found.outcome)
    if certified is None or certified is (FULL if rank == len(x) else DEFICIENT):
        return
    told = Certificate(
        outcome=Verdict.DISAGREES,
        reason=f"matrix_rank of {features} features says {rank} of {len(x)}; certified: {certified}",
        quantity=float(rank),
        threshold=found.quantity,
    )
    yield where, Subject.AS_PRINTED, f"matrix_rank of {features} features", told


def numpy_rank(module: Any, x: Array, features: str) -> int:
    """numpy.linalg.matrix_rank of [h, 1_n] in float64, from features computed in `features`."""
    import copy

    import torch

    dtype = getattr(torch, features)
    with torch.no_grad():
        h = copy.deepcopy(module).to(dtype)[:-1](torch.as_tensor(x, dtype=dtype)).double().numpy()
    return int(np.linalg.matrix_rank(np.hstack([h, np.ones((len(h), 1))])))


# -- the ResNet of section 7 -----------------------------------------------------------------------------------------


def residual_networks(context: Context) -> Iterator[Case]:
    """One block a stage and 18 layers on scikit-learn's digits; weights drawn, or residuals silenced."""
    thorough = context.profile.thorough
    many, few = (1000, 100) if thorough else (60, 12)
    for detail, blocks, width, n, silent, scope in (
        ("one block a stage", resnets.ONE_BLOCK_A_STAGE, 3, many, False, Scope.GIVEN),
        ("one block a stage, some weights", resnets.ONE_BLOCK_A_STAGE, 8 if thorough else 4, many, False, Scope.SOME),
        ("18 layers, silent residuals", resnets.EIGHTEEN_LAYERS, 3, many, True, Scope.GIVEN),
        ("18 layers", resnets.EIGHTEEN_LAYERS, 8 if thorough else 2, few, False, Scope.GIVEN),
    ):
        units = -(-11 * n // 10)
        where: dict[str, Scalar] = {"network": detail, "width": width, "n": n, "m_H": units, "zeta": 100.0}
        try:
            images = subset("digits", n, 0).inputs.reshape(n, 1, 8, 8)
        except DataAbsentError as error:
            absent = Certificate(outcome=Verdict.NOT_RUN, reason=str(error), quantity=np.nan, threshold=float(n))
            yield where, Subject.CLAIM, detail, absent
            continue
        module = resnets.preactivation_resnet(
            channels=1, width=width, blocks=blocks, last_hidden=units, outputs=10, entropy=context.key("ResNet", detail)
        )
        if silent:
            resnets.silence_residuals(module)
        yield where, Subject.CLAIM, detail, certify(context, module, images, scope=scope)


# -- structure -------------------------------------------------------------------------------------------------------


def structure(context: Context) -> Iterator[Case]:
    """n − 1 units: full for some weights, by the theorem and at its own witness; n − 2 units, equal inputs: never."""
    for m_x, n, narrow in ((1, 5, ()), (3, 9, (1,)), (2, 14, (4, 1, 2)), (5, 24, (2, 3))):
        for units in (n - 1, n - 2):
            (draw,) = drawn(context, n, (m_x, *narrow, units, 1), label="structure")
            yield from cases_of(context, draw, units == n - 1)


def cases_of(context: Context, draw: Drawn, enough: bool) -> Iterator[Case]:
    """At one architecture."""
    where: dict[str, Scalar] = {"n": len(draw.x), "widths": shown(draw.widths), "zeta": 1.0}
    module = draw.module()
    found = certify(context, module, draw.x, scope=Scope.SOME)
    if not enough:
        yield where, Subject.DECOY, "n − 2 units are enough", found
        return
    yield where, Subject.CLAIM, "n − 1 units", found
    place_kinks(module, draw.x)
    yield {**where, "weights": "witness"}, Subject.CLAIM, "the proof's witness", certify(context, module, draw.x)
    equal = twice(draw.x)
    yield where, Subject.CLAIM, "equal inputs", certify(context, module, equal, scope=Scope.SOME, wanted=DEFICIENT)


def place_kinks(module: Any, x: Array) -> None:
    """The last hidden layer of the theorem's proof, in place: weights s·u, biases −s·t_k for the n − 1 smallest t."""
    import torch

    layer = module[-3]
    with torch.no_grad():
        z = module[:-3](torch.as_tensor(x))
        t = z @ torch.ones(z.shape[1], dtype=z.dtype)
        t = t.sort().values
        s = 40 / t.diff().min()
        layer.weight.copy_(s.expand_as(layer.weight))
        layer.bias.copy_(-s * t[:-1])


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Certificates(part="drawn_weights", cases=softplus_networks, route="certified rank", name="networks"),
        Certificates(part="drawn_weights", cases=deficient_networks, route="certified rank", name="deficient"),
        Certificates(part="drawn_weights", cases=residual_networks, route="certified rank", name="residual networks"),
        Certificates(part="structure", cases=structure, route="structure"),
    ),
    expected={
        "drawn_weights": Expected(
            status="confirmed",
            reason="certified one by one; numpy's matrix_rank errs on smooth networks and on float32 features",
            date="2026-11-26",
            as_printed="refuted",
        ),
        "structure": Expected(status="confirmed", reason="proved, and sharper than Theorem 2", date="2026-11-26"),
    },
)
