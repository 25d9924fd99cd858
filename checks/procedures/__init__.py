"""Ways of confronting a part. `generated` gives those that a kind implies; a check file declares the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lazy_assay.theory import Claim

if TYPE_CHECKING:
    from lazy_assay.checks.vocabulary.check import Procedure


def generated(claim: Claim) -> list[Procedure]:
    """The routine procedures of a claim's parts: they need no check file."""
    from lazy_assay.checks.procedures.chain import Chain
    from lazy_assay.checks.procedures.identity import Derivation

    return [make(part=part.name) for part in claim.parts for make in (Chain, Derivation)]
