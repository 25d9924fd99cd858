"""Ghorbani, Mei, Misiakiewicz, Montanari: risks of two-layer networks that are lazy, and of those that are not."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="ghorbani2019",
    authors="Ghorbani, Mei, Misiakiewicz, Montanari",
    title="Limitations of Lazy Training of Two-layers Neural Networks",
    venue="NeurIPS",
    year=2019,
)
