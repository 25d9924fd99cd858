"""Stored files as nobody should write them: mutations of sound ones, under a seed, and what no reader may do with them."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

# A tag and an attribute that no page of ours has: unescaped, they would stand in it as they are.
MARKUP = (
    "<pwn>",
    '"><pwn onpwn="1">',
    "' onpwn='1",
    "--><pwn></style></script><pwn>",
    "<script>pwn()</script>",
    "]]><pwn/>",
    "<![CDATA[<pwn>]]>",
    "&lt;pwn&gt;",
    "![pwn](http://pwn.example/)",
    "[pwn](javascript:pwn) @pwn #1 www.pwn.example",
    "{{ 7 * 191 }}{% raw %}",
    "[bold]pwn[/bold]",
    "\x1b]0;pwn\x07\x1b[31m",
    "| pwn |\n\n# pwn\n",
)
PATHS = ("../../pwn", "/pwn", "~/pwn", "C:\\pwn", "pwn\x00", ".", "..", "file:///pwn", "$HOME/pwn", "a" * 300)
CODE = ("__import__('os').system('touch pwn')", "os.system", "lazy_assay.checks.cli.main", "!!python/object/apply:os.system")
TEXTS = (*MARKUP, *PATHS, *CODE, "", " ", "\ud800", "\udfff\ud800", "\u202e", "\ufeff", "\x00", "x" * 10_000, "nan", "inf", "AGREES")
NUMBERS = (
    0, 1, -1, 2**31, 2**63, -(2**63) - 1, 10**30, 10**400, 0.5, -0.0, 5e-324, 1.7e308, -1.7e308, 1e-160, 1e160,
    float("nan"), float("inf"), float("-inf"),
)  # fmt: skip
OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [[]], {"": None}, [None, 1, "x"], {"pwn": {"pwn": []}})
# What json.dumps would not write: raw text in the place of a value.
RAW = ("9" * 5000, "-" + "9" * 5000, "1e999", "1E-999", "0x10", "01", "'x'", "undefined", "[" * 3000, '{"a":' * 3000, '"\\ud83d"', '"\\x"', '"\t"')
PLACE = "\ue000"


def places(data: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where a value stands in JSON data, as a path of keys and indices."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*at, key)
        yield from places(value, (*at, key))


def wild(rng: random.Random) -> Any:
    """A value that was not meant, of any type."""
    kind = rng.randrange(5)
    if kind == 0:
        return rng.choice(TEXTS)
    if kind == 1:
        return rng.choice(NUMBERS)
    if kind == 2:
        return rng.choice(MARKUP) + rng.choice(TEXTS)
    if kind == 3:
        inside: Any = rng.choice(TEXTS)
        for _ in range(rng.choice((1, 3, 60))):
            inside = [inside] if rng.random() < 0.5 else {rng.choice(("a", "pwn", "claim")): inside}
        return inside
    return copy.deepcopy(rng.choice(OTHERS))


def kin(value: Any, rng: random.Random) -> Any:
    """Another value of the same type: what looks right, and is not."""
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, (int, float)):
        return rng.choice(NUMBERS)
    if isinstance(value, str):
        return rng.choice((rng.choice(TEXTS), value + rng.choice(TEXTS), value[: len(value) // 2], value.upper()))
    if isinstance(value, list):
        return rng.choice(([], value * 3, [*value, wild(rng)], value[:1], value[::-1]))
    return rng.choice(({}, {**value, rng.choice(TEXTS): wild(rng)}, {key.upper(): it for key, it in value.items()}))


def mutated(data: Any, rng: random.Random) -> tuple[Any, dict[str, str]]:
    """The data with one to three values dropped, renamed, moved or replaced, and what raw text stands for marks in it."""
    data, raw = copy.deepcopy(data), {}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        found = list(places(data))
        if not found:
            break
        *way, last = rng.choice(found)
        inside = data
        for step in way:
            inside = inside[step]
        kind = rng.randrange(7)
        if kind == 0:
            del inside[last]
        elif kind == 1:
            inside[last] = wild(rng)
        elif kind in (2, 3):
            inside[last] = kin(inside[last], rng)
        elif kind == 4 and isinstance(inside, dict):
            inside[rng.choice((str(last).upper(), rng.choice(TEXTS)))] = inside.pop(last)
        elif kind == 5:
            mark = f"{PLACE}{len(raw)}"
            inside[last], raw[json.dumps(mark)] = mark, rng.choice(RAW)
        else:
            other = rng.choice(found)
            inside[last] = copy.deepcopy(_at(data, other))
    return data, raw


def _at(data: Any, way: tuple[Any, ...]) -> Any:
    for step in way:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def spoilt(text: bytes, rng: random.Random) -> bytes:
    """Bytes with some of them lost, doubled, turned or added."""
    at, to = sorted(rng.randrange(len(text) + 1) for _ in range(2))
    return rng.choice(
        (
            lambda: text[:at],
            lambda: text[:at] + text[to:],
            lambda: text[:to] + text[at:],
            lambda: text[:at] + rng.randbytes(rng.choice((1, 8, 200))) + text[at:],
            lambda: text[:at] + bytes(255 - byte for byte in text[at : at + 1]) + text[at + 1 :],
            lambda: b"\xef\xbb\xbf" + text,
            lambda: text.decode(errors="replace").encode("utf-16"),
            lambda: text.replace(b'"', b"'", rng.choice((1, 5))),
            lambda: text + text,
            lambda: b"",
            lambda: rng.randbytes(64),
            lambda: b"[" * 200_000,
            lambda: text.replace(b"{", b'{"item": 1, "item": 2, ', 1),
        )
    )()


def mutant(data: Any, rng: random.Random) -> bytes:
    """JSON text of mutated data, or mutated text."""
    if rng.random() < 0.2:
        return spoilt(json.dumps(data).encode(), rng)
    told, raw = mutated(data, rng)
    text = json.dumps(told)
    for mark, written in raw.items():
        text = text.replace(mark, written)
    return text.encode() if rng.random() < 0.7 else _unescaped(text)


def _unescaped(text: str) -> bytes:
    """The text with its escapes of letters written out, lone surrogates too."""
    return re.sub(r"(?<!\\)\\u[d-f][0-9a-f]{3}", lambda found: chr(int(found[0][2:], 16)), text).encode(errors="surrogatepass")
