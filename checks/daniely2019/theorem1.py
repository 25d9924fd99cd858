"""Confronts Theorem 1: inner products through random embeddings, against the kernel's values."""

from lazy_assay.checks import Check, Configuration, Expected, Pointwise, Route, Space
from lazy_assay.checks.daniely2019._spaces import GIVEN_WEIGHTS, NEURONS, ROUNDING_SOURCE, embedding_rounding
from lazy_assay.sims.paired import random_embeddings
from lazy_assay.theory.daniely2019.theorem1 import CLAIM

ANCHOR: Configuration = {"d": 3, "N": 4, "n": 5, "W": "gaussian:1", "points": "sphere:1", "labels": "gaussian:1"}
SPACE = Space(
    draws=GIVEN_WEIGHTS,
    anchors=({**ANCHOR, "activation": "softplus"}, {**ANCHOR, "activation": "relu"}),
    degenerate={"one direction, a kernel of rank one": {**ANCHOR, "points": "single:1", "activation": "erf"}},
)
CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            space=SPACE,
            route=Route(name="least vectors", simulate=random_embeddings.reproduced_value_at, parameters=NEURONS),
            rounding=embedding_rounding,
            source=ROUNDING_SOURCE,
        ),
    ),
    expected={"": Expected(status="confirmed", reason="linear algebra on finitely many points", date="2026-11-26")},
)
