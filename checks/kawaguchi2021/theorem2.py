"""Certifies Theorem 2 at its least widths, shows which hypotheses are not needed, and counts parameters."""

from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from lazy_assay.checks import (
    Between,
    Case,
    Certificate,
    Certificates,
    Check,
    Context,
    DataAbsentError,
    Expected,
    Pointwise,
    Route,
    Scalar,
    Space,
    Subject,
    Verdict,
    subset,
)
from lazy_assay.checks.kawaguchi2021._certified import Drawn, certify, drawn, shown
from lazy_assay.sims.deep import fully_connected
from lazy_assay.sims.rank import Scope
from lazy_assay.theory.kawaguchi2021.theorem2 import CLAIM, input_distinguishability

SIZES = ((2, 6, 2), (3, 12, 2), (5, 20, 4), (24, 16, 3))
ZETAS = (1.0, 100.0)
Array = np.ndarray


def hypotheses(context: Context, m_x: int, n: int, H: int) -> Drawn:
    """A draw at the least widths: min(m_x, n), …, min(m_x, n), n; its inputs divided by their norms."""
    least = min(m_x, n)
    (draw,) = drawn(context, n, (m_x, *[least] * (H - 1), n, 1))
    return Drawn(draw.widths, draw.x / np.linalg.norm(draw.x, axis=1, keepdims=True), draw.weights)


def scopes(context: Context, draw: Drawn, zeta: float, subject: Subject, detail: str) -> Iterator[Case]:
    """Some weights, by the structure; and the drawn ones."""
    for scope in Scope:
        where: dict[str, Scalar] = {"n": len(draw.x), "widths": shown(draw.widths), "zeta": zeta, "scope": scope.value}
        found = certify(context, draw.module("softplus", zeta), draw.x, scope=scope)
        yield {**where, "inputs": detail}, subject, detail, found


def theorem(context: Context) -> Iterator[Case]:
    """Under the theorem's hypotheses, Assumption 3 decided exactly."""
    for m_x, n, H in SIZES:
        draw = hypotheses(context, m_x, n, H)
        for zeta in ZETAS:
            for where, subject, detail, found in scopes(context, draw, zeta, Subject.CLAIM, "unit norm"):
                yield where, subject, detail, found if input_distinguishability(draw.x) else _outside(found)


def _outside(found: Certificate) -> Certificate:
    """Rounded norms may break Assumption 3 for points that nearly coincide."""
    return Certificate(
        outcome=Verdict.OUT_OF_REGIME,
        reason="breaks Assumption 3",
        quantity=found.quantity,
        threshold=found.threshold,
    )


def beyond(context: Context) -> Iterator[Case]:
    """Hypotheses broken one by one: those that are not needed, and the two that are."""
    for m_x, n, H in SIZES[:3]:
        narrow = (m_x, *[1] * (H - 1), n, 1)
        (ray,) = drawn(context, n, (m_x, *[m_x] * (H - 1), n, 1), label="ray")
        scales = np.arange(1.0, n + 1)[:, None]
        on_a_ray = Drawn(ray.widths, scales * ray.x[:1], ray.weights)
        assert not input_distinguishability(on_a_ray.x)
        cases = {
            "one unit a narrow layer": drawn(context, n, narrow)[0],
            "n − 1 units": drawn(context, n, (*narrow[:-2], n - 1, 1))[0],
            "points on a ray": on_a_ray,
        }
        for detail, draw in cases.items():
            where, subject, _, found = next(scopes_of_structure(context, draw, detail))
            yield where, subject, detail, found
        yield from refuted(context, ray, narrow)
    yield from raw_images(context)


def scopes_of_structure(context: Context, draw: Drawn, detail: str) -> Iterator[Case]:
    """For some weights alone: such networks may have astronomically small determinants at drawn ones."""
    where: dict[str, Scalar] = {"n": len(draw.x), "widths": shown(draw.widths), "zeta": 1.0, "inputs": detail}
    found = certify(context, draw.module("softplus", 1.0), draw.x, scope=Scope.SOME)
    yield where, Subject.CONTROL, detail, found


def refuted(context: Context, ray: Drawn, narrow: tuple[int, ...]) -> Iterator[Case]:
    """What is needed: distinct inputs, and n − 1 units."""
    n = len(ray.x)
    (few,) = drawn(context, n, (*narrow[:-2], n - 2, 1))
    equal = Drawn(ray.widths, np.vstack([ray.x[:-1], ray.x[:1]]), ray.weights)
    for detail, draw in (("n − 2 units are enough", few), ("equal inputs do no harm", equal)):
        where, _, _, found = next(scopes_of_structure(context, draw, detail))
        yield where, Subject.DECOY, detail, found


def raw_images(context: Context) -> Iterator[Case]:
    """scikit-learn's digits as they are break Assumption 3; the conclusion holds, since they are distinct."""
    detail = "digits, not normalised"
    try:
        x = subset("digits", 60, 0).inputs
    except DataAbsentError as error:
        absent = Certificate(outcome=Verdict.NOT_RUN, reason=str(error), quantity=np.nan, threshold=60.0)
        yield {"inputs": detail}, Subject.CONTROL, detail, absent
        return
    (draw,) = drawn(context, 60, (x.shape[1], 64, 60, 1), label="digits")
    told = f"{detail}; Assumption 3 {'holds' if input_distinguishability(x) else 'fails'}"
    where, subject, _, found = next(scopes_of_structure(context, Drawn(draw.widths, x, draw.weights), told))
    yield where, subject, detail, found


# -- Assumption 3 ----------------------------------------------------------------------------------------------------


def least_margin(X: Array) -> Fraction:
    """min over i ≠ j of ‖x_i‖² − x_iᵀx_j, exactly: as the definition reads, from the Gram matrix."""
    rows = [[Fraction(float(x)) for x in row] for row in X]
    gram = [[sum((a * b for a, b in zip(p, q, strict=True)), Fraction(0)) for q in rows] for p in rows]
    return min(gram[i][i] - gram[i][j] for i in range(len(rows)) for j in range(len(rows)) if i != j)


def sufficient_ways(context: Context) -> Iterator[Case]:
    """Point sets that are exactly of one norm, or exactly orthogonal, and two that are neither."""
    rng = np.random.default_rng(context.key("points"))
    for m_x, n in ((2, 4), (4, 12), (8, 24)):
        base = rng.integers(1, 9, m_x) / 8
        same_norm = np.unique([rng.choice([-1, 1], m_x) * rng.permutation(base) for _ in range(n)], axis=0)
        orthogonal = np.diag(rng.integers(1, 9, m_x) / 4)[rng.permutation(m_x)]
        with_zero = np.vstack([orthogonal[1:], np.zeros(m_x)])
        on_a_ray = np.arange(1.0, 4.0)[:, None] * base
        for detail, subject, points in (
            ("one norm", Subject.CLAIM, same_norm),
            ("orthogonal", Subject.CLAIM, orthogonal),
            ("orthogonality alone is enough, zero included", Subject.DECOY, with_zero),
            ("distinct points are enough", Subject.DECOY, on_a_ray),
        ):
            where: dict[str, Scalar] = {"m_x": m_x, "n": len(points), "points": detail}
            yield (
                where,
                subject,
                detail,
                margin(context.planted(points, lambda found: np.vstack([found, 2 * found[:1]]))),
            )


def beside_a_double(points: Array) -> Array:
    """The points and the double of the first: no margin between these two."""
    return np.vstack([points, 2 * points[:1]])


def margin(points: Array) -> Certificate:
    """Assumption 3 by its least margin, and by the predicate: the two must tell the same."""
    least = least_margin(points)
    assert (least > 0) == input_distinguishability(points)
    return Certificate(
        outcome=Verdict.AGREES if least > 0 else Verdict.DISAGREES,
        reason=f"the least ‖x_i‖² − x_iᵀx_j is {least}, exactly",
        quantity=float(least),
        threshold=0.0,
    )


CHECK = Check(
    claim=CLAIM,
    uncontrolled={
        "Assumption 3": "broken by the cases 'points on a ray' and 'digits, not normalised', where the conclusion "
        "holds: not observed to be necessary"
    },
    procedures=(
        Certificates(part="full_rank", cases=theorem, route="certified rank"),
        Certificates(part="full_rank", cases=beyond, route="certified rank", name="hypotheses"),
        Certificates(part="distinguishability", cases=sufficient_ways, route="rational arithmetic"),
        Pointwise(
            part="parameter_count",
            space=Space(
                draws={"m_x": Between(1, 12), "m_y": Between(1, 5), "n": Between(1, 30), "H": Between(2, 6)},
                anchors=(
                    {"m_x": 10, "m_y": 1, "n": 20, "H": 2},
                    {"m_x": 1, "m_y": 1, "n": 5, "H": 2},
                    {"m_x": 9, "m_y": 3, "n": 4, "H": 3},
                ),
            ),
            route=Route(name="torch network", simulate=fully_connected.parameter_count_at),
            rounding=lambda values: 0.0,
            source="none: whole numbers",
        ),
    ),
    expected={
        "full_rank": Expected(
            status="confirmed", reason="sharpened: distinct inputs and n − 1 units are what counts", date="2026-11-26"
        ),
        "distinguishability": Expected(status="confirmed", reason="two lines of algebra", date="2026-11-26"),
        "parameter_count": Expected(
            status="confirmed",
            reason="counted; the printed order of magnitude, read as a count, is a decoy",
            date="2026-11-28",
        ),
    },
)
