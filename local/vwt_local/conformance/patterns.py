"""Translates the patterns of the service models, which are Java's, for Python."""

from __future__ import annotations

import functools

import regex

# Java means ASCII by these, Python all of Unicode. What each stands for inside brackets.
_CLASSES = {
    r"\d": "0-9",
    r"\w": "a-zA-Z0-9_",
    r"\s": r" \t\n\x0b\f\r",
    r"\D": r"\x00-\x2f\x3a-\U0010ffff",
    r"\W": r"\x00-\x2f\x3a-\x40\x5b-\x5e\x60\x7b-\U0010ffff",
    r"\S": r"\x00-\x08\x0e-\x1f\x21-\U0010ffff",
    r"\p{Print}": r"\x20-\x7e",
    r"\p{ASCII}": r"\x00-\x7f",
    r"\p{Alnum}": "a-zA-Z0-9",
}
# Java's notation for what lies beyond U+FFFF.
_SURROGATES = (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff")
_TOKEN = regex.compile(r"\\[pP]\{\w+\}|\\.|\[|\]|[^\\\[\]]+", regex.DOTALL)


def translate(pattern: str) -> str:
    """Translates a pattern of a service model into the notation of the package `regex`."""
    inside = False
    parts: list[str] = []
    before = ""
    for part in _TOKEN.findall(pattern.replace(*_SURROGATES)):
        meaning = part
        if part in _CLASSES:
            meaning = _CLASSES[part] if inside else f"[{_CLASSES[part]}]"
        elif part == r"\z":
            meaning = r"\Z"
        elif inside and before in _CLASSES and part.startswith("-"):
            # A class is no end of a range, so this dash is one.
            meaning = rf"\{part}"
        inside = part == "[" or (inside and part != "]")
        parts.append(meaning)
        before = part
    return "".join(parts)


@functools.cache
def compiled(pattern: str) -> regex.Pattern[str] | None:
    """Compiles a pattern; None for one that Python cannot read, which `unreadable` then lists."""
    try:
        return regex.compile(translate(pattern))
    except regex.error:
        _unreadable.add(pattern)
        return None


def fits(pattern: str, value: str) -> bool:
    """Tells whether a whole value follows a pattern, as Java's `matches` asks; anything follows an unreadable one."""
    found = compiled(pattern)
    return found is None or found.fullmatch(value) is not None


_unreadable: set[str] = set()


def unreadable() -> list[str]:
    """Returns the patterns that were met and cannot be checked."""
    return sorted(_unreadable)
