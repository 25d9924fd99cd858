"""Kearns, Munyuza, Brosh: experiments on when networks of finite width train lazily."""

from lazy_assay.theory import Paper

PAPER = Paper(
    key="kearns2023",
    authors="Kearns, Munyuza, Brosh",
    title="Exploring Lazy Training in Deep Feedforward Neural Networks",
    venue="project report",
    year=2023,
)
