"""What the report draws of a part: the first picture is the one that a reader should see."""

from __future__ import annotations

from collections.abc import Sequence

from lazy_assay.checks.report._rows import Row, detectable
from lazy_assay.checks.report.pictures import curves, forest
from lazy_assay.checks.report.pictures.canvas import Picture
from lazy_assay.checks.report.pictures.sweeps import sweeps as found_in
from lazy_assay.theory import Part

SWEEPS_SHOWN = 2


def pictures(
    part: Part | None, rows: Sequence[Row], proofs: Sequence[Row], units: str, salt: str,
    printed: Sequence[forest.Printed] = (), wrong: Sequence[Row] = (),
) -> tuple[list[Picture], int]:  # fmt: skip
    """Pictures of a part, and how many sweeps are not drawn. `rows` are comparisons of two numbers, `proofs` results
    of certificates, `printed` the paper's own effects, `wrong` comparisons with the printed formula."""
    frame = [row for row in rows if row["check"] == "points" and "N" in row["configuration"]]
    found = [curves.figure(frame, part, f"{salt}.figure")] if frame else []
    if proofs:
        found.append(forest.certificates(proofs, f"{salt}.certificates"))
    left = [row for row in rows if row["check"] != "points" and row["method"] != "certificate"]
    slopes = curves.rate(left, part, f"{salt}.rate", wrong)
    series = [] if slopes else found_in(left)
    found += [slopes] if slopes else []
    found += [curves.swept(it, part, f"{salt}.{k}") for k, it in enumerate(series[:SWEEPS_SHOWN])]
    taken = {id(row) for it in series[:SWEEPS_SHOWN] for row in it.rows}
    rest = [row for row in left if id(row) not in taken and row["trials"]]
    held, bare = [row for row in rest if detectable(row)], [row for row in rest if not detectable(row)]
    if held and not slopes:
        side = "both" if part is None else part.allowed_side
        drawn = any(curves.AS_PRINTED in picture.legend for picture in found)
        found.append(forest.discrepancies(held, side, f"{salt}.left", () if drawn else wrong))
    if bare:
        mark = part.beside if part else "prediction"
        found.append(forest.effects(bare, mark, units, f"{salt}.effects", printed))
    return found, len(series[SWEEPS_SHOWN:])
