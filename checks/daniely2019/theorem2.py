"""Confronts Theorem 2: least vectors of random embeddings, against the norm from the kernel matrix."""

from checks._check import Check, Expected, Route
from checks._procedures.pointwise import Pointwise
from checks.daniely2019._spaces import ROUNDING_SOURCE, embedding_rounding
from checks.daniely2019.theorem1 import SPACE
from sims import random_embeddings
from theory.daniely2019.theorem2 import CLAIM

CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            space=SPACE,
            route=Route(name="least vector", simulate=random_embeddings.smallest_vector_norm_at),
            rounding=embedding_rounding,
            source=ROUNDING_SOURCE,
        ),
    ),
    expected={
        "": Expected(
            status="confirmed",
            reason="linear algebra on finitely many points; the printed minimum has no condition",
            date="2026-11-26",
            as_printed="refuted",
        )
    },
)
