"""One page of a diagnosis: a table of its lines, with their intervals drawn."""

from __future__ import annotations

import html

from lazy_assay.checks.diagnose.record import Diagnosis, Line

_STYLE = (
    "body{font:14px sans-serif;margin:2em;max-width:75em}td,th{padding:3px 8px;text-align:left;vertical-align:top}"
    "td.n{text-align:right;white-space:nowrap}td.r{color:#b80}svg{vertical-align:middle}"
)
_WIDTH = 160


def page(result: Diagnosis) -> str:
    """The page, as text of one HTML file that needs neither server nor network."""
    rows = "\n".join(_row(line) for line in result.lines)
    head = f"{result.verdict}; far from the limit mostly by: {result.cause}"
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>diagnose: {html.escape(result.verdict)}</title>"
        f"<style>{_STYLE}</style><h1>Diagnosis: {html.escape(head)}</h1><p>A network is called lazy where more networks"
        f" than not depart by {result.within:g} at most. Each line: the median over networks and its interval, which"
        f" errs with probability {result.miss:g}."
        "<table><tr><th>line<th>median<th>interval<th>networks<th>shares between −1 and 1<th>what it says</tr>"
        f"{rows}</table></html>\n"
    )


def _row(line: Line) -> str:
    name = html.escape(line.name)
    if line.value is None or line.interval is None:
        said = (
            f"<td class=n>–<td class=n>–<td class=n>{line.seeds}<td><td class=r>not said: {html.escape(line.refusal)}"
        )
        return f"<tr><td>{name}{said}</tr>"
    low, high = line.interval
    return (
        f"<tr><td>{name}<td class=n>{line.value:.3g}<td class=n>{low:.3g} to {high:.3g}<td class=n>{line.seeds}"
        f"<td>{_bar(line.value, low, high)}<td>{html.escape(line.sentence)}</tr>"
    )


def _bar(value: float, low: float, high: float) -> str:
    """The interval between −1 and 1, an inline SVG; nothing for what lies elsewhere."""
    if low < -1 or high > 1:
        return ""
    start, end, middle = (round((it + 1) / 2 * _WIDTH, 1) for it in (low, high, value))
    return (
        f"<svg width={_WIDTH} height=12 role=img aria-label='{low:.3g} to {high:.3g}'>"
        f"<path d='M{_WIDTH / 2} 0V12' stroke='#bbb'/><path d='M{start} 6H{max(end, start + 1)}' stroke='#36c'"
        f" stroke-width=4 /><circle cx={middle} cy=6 r=3 fill='#113' /></svg>"
    )
