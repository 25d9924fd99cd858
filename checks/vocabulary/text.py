"""Foreign text made fit to be shown: one function a medium. What is stored is never changed, only what is shown.

HTML and SVG are escaped by jinja's autoescape and markupsafe, XML by pytest's writer; both get `visible` text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

# A sentence has hundreds of characters; what is longer than this is cut, and its end stands in the stored data.
LONGEST = 4000
# A zero-width space, as an entity: what stands on its two sides is no link, mention or reference any more.
_APART = "&#8203;"
_MARKED = re.compile(r"([\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_]))")
_LINKED = re.compile(r"(@|#(?=\w)|GH-(?=\d)|:(?=//)|www(?=\.))", re.IGNORECASE)
_LEADING = re.compile(r"^([-+=#]|\d+(?=[.)]))")


def _shown(character: str) -> str:
    if character.isprintable() or character == "\n" or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode()


def visible(words: Any) -> str:
    """Text whose control, bidirectional, zero-width and unpaired characters are written out; long text is cut."""
    text = str(words)
    cut = f"… ({len(text)} characters)" if len(text) > LONGEST else ""
    text = text[:LONGEST]
    return ("".join(map(_shown, text)) if not text.isprintable() else text) + cut


# What is stored has the same names again and again.
_known = lru_cache(maxsize=4096)(visible)


def line(words: Any) -> str:
    """The words on one line, as a terminal may have them: no escape sequence reaches it."""
    return visible(" ".join(str(words).split()))


def markdown(words: Any) -> str:
    """The words as Markdown shows them, on one line: no markup, link, mention, reference or formula in them works."""
    text = html.escape(line(words), quote=False)
    text = _LINKED.sub(rf"\1{_APART}", _MARKED.sub(r"\\\1", text))
    return _LEADING.sub(lambda start: f"\\{start[0]}" if not start[0].isdigit() else f"{start[0]}{_APART}", text)


def shown(data: Any) -> Any:
    """The same data with every string in it, names included, as `visible` text."""
    if isinstance(data, str):
        return _known(data)
    if isinstance(data, Mapping):
        return {_known(name): shown(value) for name, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [shown(value) for value in data]
    return data


def json_text(text: str) -> str:
    """JSON text, in which such characters stand within strings alone, with these as escapes that JSON knows."""
    return "".join(_json_escape(c) if _shown(c) != c else c for c in text)


def _json_escape(character: str) -> str:
    units = character.encode("utf-16-be", errors="surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))
