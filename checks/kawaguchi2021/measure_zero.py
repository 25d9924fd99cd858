"""Certifies every draw of softplus networks; the same weights under ReLU are the control, φ without ones is refuted."""

from collections.abc import Iterator

from lazy_assay.checks import Case, Certificates, Check, Context, Expected, Scalar, Subject
from lazy_assay.checks.kawaguchi2021._certified import certify, drawn, shown
from lazy_assay.theory.kawaguchi2021.measure_zero import CLAIM

SIZES = ((2, 8), (4, 8), (8, 16), (16, 16), (16, 32))
ZETA = 100.0


def widths(m_x: int, n: int) -> tuple[int, ...]:
    """Two layers as narrow as Theorem 2 allows, then 1.1 n units, rounded up."""
    return m_x, m_x, m_x, -(-11 * n // 10), 1


def draws_of_the_weights(context: Context) -> Iterator[Case]:
    """Softplus (the claim) and ReLU (the control) on the same weights, draw by draw."""
    count = context.profile.seeds // (1 if context.profile.thorough else 4)
    for m_x, n in SIZES:
        for index, draw in enumerate(drawn(context, n, widths(m_x, n), trials=count)):
            where: dict[str, Scalar] = {"m_x": m_x, "n": n, "widths": shown(draw.widths), "draw": index}
            softplus, relu = (draw.module(activation, ZETA) for activation in ("softplus", "relu"))
            yield {**where, "zeta": ZETA}, Subject.CLAIM, "softplus", certify(context, softplus, draw.x)
            yield where, Subject.CONTROL, "ReLU is not analytic", certify(context, relu, draw.x)


def architectures(context: Context) -> Iterator[Case]:
    """m_H = n − 1 with and without the column of ones (φ of sections 5.1 and 6.1), and m_H = n − 2, where φ ≡ 0."""
    for m_x, n in SIZES:
        for units, subject in ((n - 1, Subject.CLAIM), (n - 2, Subject.DECOY)):
            (draw,) = drawn(context, n, (m_x, m_x, units, 1), label="architecture")
            where: dict[str, Scalar] = {"m_x": m_x, "n": n, "widths": shown(draw.widths), "zeta": ZETA}
            detail = "m_H = n − 1" if subject is Subject.CLAIM else "n − 2 units are enough"
            module = draw.module("softplus", ZETA)
            yield where, subject, detail, certify(context, module, draw.x)
            if subject is Subject.CLAIM:
                yield where, Subject.AS_PRINTED, "φ of section 6.1", certify(context, _without_ones(module), draw.x)


def _without_ones(module: object) -> object:
    """The same network with a last layer that has no bias: its matrix is h alone."""
    from torch import nn

    assert isinstance(module, nn.Sequential)
    last = module[-1]
    assert isinstance(last, nn.Linear)
    bare = nn.Linear(last.in_features, last.out_features, bias=False, dtype=last.weight.dtype)
    return nn.Sequential(*list(module)[:-1], bare)


CHECK = Check(
    claim=CLAIM,
    procedures=(
        Certificates(cases=draws_of_the_weights, route="certified rank"),
        Certificates(cases=architectures, route="certified rank", name="architectures"),
    ),
    expected={
        "": Expected(
            status="confirmed",
            reason="analytic and not identically zero; without the column of ones it may vanish identically",
            date="2026-11-26",
            as_printed="refuted",
        )
    },
)
