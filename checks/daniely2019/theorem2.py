"""Confronts Theorem 2: least vectors of random embeddings, against the norm from the kernel matrix."""

from lazy_assay.checks import Check, Expected, Pointwise, Route
from lazy_assay.checks.daniely2019._spaces import NEURONS, ROUNDING_SOURCE, embedding_rounding
from lazy_assay.checks.daniely2019.theorem1 import SPACE
from lazy_assay.sims.paired import random_embeddings
from lazy_assay.theory.daniely2019.theorem2 import CLAIM

CHECK = Check(
    claim=CLAIM,
    procedures=(
        Pointwise(
            space=SPACE,
            route=Route(name="least vector", simulate=random_embeddings.smallest_vector_norm_at, parameters=NEURONS),
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
