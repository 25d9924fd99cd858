"""Ghorbani, Mei, Misiakiewicz, Montanari: risk of random features, neural tangent and fully trained two-layer networks."""

from theory._evidence import Paper

PAPER = Paper(
    key="ghorbani2019",
    authors="Ghorbani, Mei, Misiakiewicz, Montanari",
    title="Limitations of Lazy Training of Two-layers Neural Networks",
    venue="NeurIPS",
    year=2019,
)
