"""Chizat, Oyallon, Bach: when gradient training of a scaled model is that of its linearisation."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="chizat2019",
    authors="Chizat, Oyallon, Bach",
    title="On Lazy Training in Differentiable Programming",
    venue="NeurIPS",
    year=2019,
)
