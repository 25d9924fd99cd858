"""What the papers say: claims in sympy, their assumptions, predictions and errata. No torch, no randomness."""

from theory._claim import (
    AlmostSure,
    Auxiliary,
    Bound,
    Claim,
    Existence,
    Identity,
    Limit,
    Observation,
    Part,
    Quantity,
    Rate,
)
from theory._discovery import UnknownClaimError, claim, claims, ids
from theory._evidence import Assumption, Decoy, Erratum, Gravity, Paper, Remark, Reported, Source
from theory._parameter import Choice, Integer, InvalidParameterError, Parameter, Real, Rectangular, Symmetric, Vector

__all__ = [
    "AlmostSure",
    "Assumption",
    "Auxiliary",
    "Bound",
    "Choice",
    "Claim",
    "Decoy",
    "Erratum",
    "Existence",
    "Gravity",
    "Identity",
    "Integer",
    "InvalidParameterError",
    "Limit",
    "Observation",
    "Paper",
    "Parameter",
    "Part",
    "Quantity",
    "Rate",
    "Real",
    "Rectangular",
    "Remark",
    "Reported",
    "Source",
    "Symmetric",
    "UnknownClaimError",
    "Vector",
    "claim",
    "claims",
    "ids",
]
