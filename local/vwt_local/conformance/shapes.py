"""Values against botocore's shapes: required, unknown, types, enums, lengths, ranges and patterns, at every depth.

Botocore's own validator knows no patterns, no enums and no upper limits.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .patterns import fits

UNKNOWN, TYPE, MISSING, CONSTRAINT = "unknown", "type", "missing", "constraint"


@dataclass(frozen=True)
class Problem:
    """A fault of a value.

    Attributes:
        kind: `unknown`, `type`, `missing` or `constraint`.
        path: Where the value is, as AWS writes it: `productionVariants.1.member.modelName`.
        text: The fault in AWS's words.
    """

    kind: str
    path: str
    text: str


Check = Callable[[Any, str, list[Problem]], None]
# Types by what a value must be, in AWS's words.
Constraint = tuple[Callable[[Any], bool], str]

_TYPES: dict[str, tuple[str, tuple[type, ...]]] = {
    "string": ("String", (str,)),
    "character": ("String", (str,)),
    "integer": ("Integer", (int,)),
    "long": ("Long", (int,)),
    "float": ("Float", (int, float)),
    "double": ("Double", (int, float)),
    "boolean": ("Boolean", (bool,)),
    "blob": ("Blob", (str, bytes)),
    "timestamp": ("Timestamp", (int, float, str)),
}
_TOKENS = {bool: "BOOLEAN_VALUE", int: "NUMBER_VALUE", float: "DECIMAL_VALUE", str: "STRING_VALUE", bytes: "BLOB"}
_NOT_NUMBERS = ("NaN", "Infinity", "-Infinity")


class Shapes:
    """The checks of one service, made when they are first needed."""

    def __init__(self, *, on_the_wire: bool) -> None:
        """Prepares no check yet.

        Args:
            on_the_wire: Whether values below the top have the names that JSON has on the wire, rather than the model's.
        """
        self._on_the_wire = on_the_wire
        self._checks: dict[str, Check] = {}
        self._inputs: dict[str, Check] = {}

    def check(self, shape: Any, value: Any) -> list[Problem]:
        """Finds what is wrong with the input of an operation, whose own members have the model's names."""
        problems: list[Problem] = []
        made = self._inputs.get(shape.name)
        if made is None:
            made = self._inputs[shape.name] = self._structure(shape, on_the_wire=False)
        made(value, "", problems)
        return problems

    def _of(self, shape: Any) -> Check:
        """Makes the check of a shape, once: a shape may contain itself."""
        made = self._checks.get(shape.name)
        if made is None:
            self._checks[shape.name] = lambda *arguments: self._checks[shape.name](*arguments)
            made = self._checks[shape.name] = self._make(shape)
        return made

    def _make(self, shape: Any) -> Check:
        kind = shape.type_name
        if kind == "structure":
            if shape.metadata.get("eventstream") or getattr(shape, "is_document_type", False):
                return _anything
            return self._structure(shape, on_the_wire=self._on_the_wire)
        if kind == "list":
            return self._list(shape)
        if kind == "map":
            return self._map(shape)
        return _scalar(shape)

    def _structure(self, shape: Any, *, on_the_wire: bool) -> Check:
        def called(name: str) -> str:
            wire: str = shape.members[name].serialization.get("name", name) if on_the_wire else name
            return wire

        members = {called(name): member for name, member in shape.members.items()}
        # SDKs, Step Functions' among them, make up a token that is not given.
        tokens = {name for name, member in shape.members.items() if member.metadata.get("idempotencyToken")}
        required = [called(name) for name in shape.required_members if name not in tokens]
        is_union = bool(getattr(shape, "is_tagged_union", False))
        checks: dict[str, Check] = {}

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            if not isinstance(value, dict):
                problems.append(_wrong_type(value, "Structure", path))
                return
            given = 0
            for name, item in value.items():
                member = members.get(name)
                if member is None:
                    problems.append(_unknown(name, path))
                elif item is not None:
                    given += 1
                    below = checks.get(name)
                    if below is None:
                        below = checks[name] = self._of(member)
                    below(item, _join(path, name), problems)
            problems.extend(_missing(_join(path, name)) for name in required if value.get(name) is None)
            if is_union and given != 1:
                problems.append(_violation(value, path, "Exactly one member of a union must be set"))

        return check

    def _list(self, shape: Any) -> Check:
        limits = _size(shape)
        member = shape.member
        constraints = _constraints(member)
        below = self._of(member)

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            if not isinstance(value, list):
                problems.append(_wrong_type(value, "List", path))
                return
            _hold(limits, value, path, problems)
            found: list[Problem] = []
            for number, item in enumerate(value, 1):
                below(item, f"{path}.{number}.member", found)
            problems.extend(_gathered(found, constraints, value, path, "Member"))

        return check

    def _map(self, shape: Any) -> Check:
        limits = _size(shape)
        key_constraints, value_constraints = _constraints(shape.key), _constraints(shape.value)
        of_key, of_value = self._of(shape.key), self._of(shape.value)

        def check(value: Any, path: str, problems: list[Problem]) -> None:
            if not isinstance(value, dict):
                problems.append(_wrong_type(value, "Map", path))
                return
            _hold(limits, value, path, problems)
            keys: list[Problem] = []
            values: list[Problem] = []
            for key, item in value.items():
                of_key(key, f"{path}.{key}", keys)
                of_value(item, f"{path}.{key}.member", values)
            problems.extend(_gathered(keys, key_constraints, value, path, "Map keys"))
            problems.extend(_gathered(values, value_constraints, value, path, "Map value"))

        return check


def _anything(_value: Any, _path: str, _problems: list[Problem]) -> None:
    """Checks nothing, where a model says nothing."""


def _scalar(shape: Any) -> Check:
    name, types = _TYPES[shape.type_name]
    constraints = _constraints(shape)
    is_sensitive = bool(shape.metadata.get("sensitive"))
    kind = shape.type_name

    def check(value: Any, path: str, problems: list[Problem]) -> None:
        if not _is_of(value, kind, types):
            problems.append(_wrong_type(value, name, path))
            return
        for holds, text in constraints:
            if not holds(value):
                problems.append(_violation(None if is_sensitive else value, path, text, shown=not is_sensitive))

    return check


def _is_of(value: Any, kind: str, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, types):
        return kind != "blob" or not isinstance(value, str) or _decoded(value) is not None
    if kind in ("integer", "long"):
        return isinstance(value, float) and value.is_integer()
    return kind in ("float", "double") and value in _NOT_NUMBERS


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _constraints(shape: Any) -> list[Constraint]:
    """Finds what the model asks of a scalar beside its type."""
    facts = shape.metadata
    kind = shape.type_name
    found: list[Constraint] = []
    if kind in ("string", "blob"):
        length = _length if kind == "string" else _blob_length
        if "min" in facts:
            low = int(facts["min"])
            found.append((lambda v: length(v) >= low, f"Member must have length greater than or equal to {low}"))
        if "max" in facts:
            high = int(facts["max"])
            found.append((lambda v: length(v) <= high, f"Member must have length less than or equal to {high}"))
    elif kind in ("integer", "long", "float", "double"):
        if "min" in facts:
            least = facts["min"]
            text = f"Member must have value greater than or equal to {least}"
            found.append((lambda v: isinstance(v, str) or v >= least, text))
        if "max" in facts:
            most = facts["max"]
            text = f"Member must have value less than or equal to {most}"
            found.append((lambda v: isinstance(v, str) or v <= most, text))
    if kind == "string":
        if enum := getattr(shape, "enum", None):
            allowed = frozenset(enum)
            found.append((lambda v: v in allowed, f"Member must satisfy enum value set: [{', '.join(enum)}]"))
        if pattern := facts.get("pattern"):
            text = f"Member must satisfy regular expression pattern: {pattern}"
            found.append((lambda v: fits(pattern, v), text))
    return found


def _size(shape: Any) -> list[Constraint]:
    """Finds what the model asks of a collection as a whole."""
    found: list[Constraint] = []
    if "min" in shape.metadata:
        low = int(shape.metadata["min"])
        found.append((lambda v: len(v) >= low, f"Member must have length greater than or equal to {low}"))
    if "max" in shape.metadata:
        high = int(shape.metadata["max"])
        found.append((lambda v: len(v) <= high, f"Member must have length less than or equal to {high}"))
    return found


_length: Callable[[str], int] = len


def _blob_length(value: str | bytes) -> int:
    return len(value if isinstance(value, bytes) else _decoded(value) or b"")


def _hold(limits: list[Constraint], value: Any, path: str, problems: list[Problem]) -> None:
    problems.extend(_violation(value, path, text) for holds, text in limits if not holds(value))


def _gathered(found: list[Problem], constraints: list[Constraint], value: Any, path: str, who: str) -> list[Problem]:
    """Gathers problems with the scalars of a collection, which AWS tells once, with the collection as the value."""
    if not constraints or not any(problem.kind == CONSTRAINT for problem in found):
        return found
    texts = ", ".join(text for _, text in constraints)
    gathered = _violation(value, path, f"{who} must satisfy constraint: [{texts}]")
    return [*(problem for problem in found if problem.kind != CONSTRAINT), gathered]


def _join(path: str, name: str) -> str:
    lowered = name[:1].lower() + name[1:]
    return f"{path}.{lowered}" if path else lowered


def _missing(path: str) -> Problem:
    return Problem(MISSING, path, f"Value null at '{path}' failed to satisfy constraint: Member must not be null")


def _violation(value: Any, path: str, text: str, *, shown: bool = True) -> Problem:
    what = f"Value '{_java(value)}'" if shown else "Value"
    return Problem(CONSTRAINT, path, f"{what} at '{path}' failed to satisfy constraint: {text}")


def _unknown(name: str, path: str) -> Problem:
    where = f" in '{path}'" if path else ""
    return Problem(UNKNOWN, _join(path, name), f"Unknown field '{name}'{where}: AWS would ignore it or refuse it")


def _wrong_type(value: Any, wanted: str, path: str) -> Problem:
    if isinstance(value, dict):
        text = "Start of structure or map found where not expected"
    elif isinstance(value, list):
        text = "Start of list found where not expected"
    elif value is None:
        text = f"NULL_VALUE can not be converted to {wanted}"
    else:
        text = f"{_TOKENS[type(value)]} can not be converted to {wanted}"
    return Problem(TYPE, path, f"{text} (at '{path}')")


def _java(value: Any) -> str:
    """Writes a value as Java's toString does, which AWS's texts hold."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
