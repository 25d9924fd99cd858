"""Every statement of every claim on one page, as its paper writes it and, where that differs, as it is printed.

    python benchmarks/contact_sheet.py sheet.html

Nothing is simulated. To be looked at in a browser: the notation is right if a reader of the paper knows the
formula again.
"""

import sys
import time
from pathlib import Path

from markupsafe import Markup, escape

import lazy_assay.theory as theory
from lazy_assay.checks.report.notation import erratum_forms, mathml, side_by_side, symbols

STYLE = """body{font:15px/1.4 system-ui,sans-serif;margin:1em;max-width:1200px} math{font-size:1.15em}
h2{font-size:1em;margin:1.2em 0 .2em;border-top:1px solid #ccc} h3{font-size:.9em;margin:.4em 0 0;color:#555}
.differs{background:#fd9;border-bottom:2px solid #b50} .letters{font-size:.8em;color:#444} .printed{opacity:.8}"""


def sheet() -> str:
    """The page."""
    pieces = [f"<!doctype html><meta charset=utf-8><title>Statements</title><style>{STYLE}</style>"]
    for claim in theory.claims():
        pieces.append(f"<h2>{escape(claim.id)} · {escape(claim.source.locator)}</h2>")
        for part in claim.parts:
            if part.statement is None:
                continue
            pieces.append(f"<h3>{escape(part.name)} ({part.kind}): {escape(part.sentence)}</h3>")
            both = side_by_side(part)
            pieces.append(
                str(
                    mathml(part)
                    if both is None
                    else both[0] + Markup("<div class=printed>printed: {}</div>").format(both[1])
                )
            )
            for erratum in part.errata:
                pieces.extend(map(str, erratum_forms(part, erratum) or ()))
            told = Markup("; ").join(
                Markup("{} {}{}").format(s.sign, s.meaning, s.definition or "") for s in symbols(part)
            )
            pieces.append(f"<div class=letters>{told}</div>")
    return "\n".join(pieces)


def main() -> None:
    """Write the page and say how long it took."""
    began = time.perf_counter()
    page = sheet()
    Path(sys.argv[1] if len(sys.argv) > 1 else "contact-sheet.html").write_text(page, encoding="utf-8")
    print(f"{len(page):,} bytes in {time.perf_counter() - began:.1f} s")


if __name__ == "__main__":
    main()
