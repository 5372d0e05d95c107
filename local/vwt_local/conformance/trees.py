"""Values of the protocols that write everything as text: forms by dotted names, and XML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import ParseError, fromstring

# Parts of names below a node; the empty part holds the value.
Tree = dict[str, Any]


def scalar(shape: Any, text: str) -> Any:
    """Converts a text to a value of a shape; returns the text when it is none, so that the check says so."""
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
    except ValueError:
        return text
    if kind == "boolean":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in ("list", "structure", "map"):
        # A header or an empty element can hold no more of them.
        return {} if kind != "list" else [part.strip() for part in text.split(",") if part.strip()]
    return text


def tree(given: Mapping[str, list[str]]) -> Tree:
    """Parses a form into a tree by the parts of its names."""
    root: Tree = {}
    for name, values in given.items():
        node = root
        for part in name.split("."):
            node = node.setdefault(part, {})
        node[""] = values[0]
    return root


def _is_flat(shape: Any) -> bool:
    """Tells whether the items of a list stand where others have the list."""
    return shape.type_name == "list" and bool(shape.serialization.get("flattened"))


def _names(shape: Any) -> dict[str, str]:
    """Returns the members of a structure by their names on the wire; a flat list may go by the name of its items."""
    return {
        (member.member.serialization.get("name") if _is_flat(member) else None)
        or member.serialization.get("name", name): name
        for name, member in shape.members.items()
    }


def structure(shape: Any, node: Tree) -> dict[str, Any]:
    """Reads a structure from a form; names that the shape does not have stay as they are."""
    found: dict[str, Any] = {}
    known = _names(shape)
    for part, below in node.items():
        if part:
            name = known.get(part)
            found[name or part] = _value(shape.members[name], below) if name else below.get("", below)
    return found


def _value(shape: Any, node: Tree) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return structure(shape, node)
    if kind == "list":
        item = shape.member.serialization.get("name", "member")
        items = node if shape.serialization.get("flattened") else node.get(item, {})
        return [_value(shape.member, items[number]) for number in _numbers(items)]
    if kind == "map":
        entries = node if shape.serialization.get("flattened") else node.get("entry", {})
        key, value = (
            part.serialization.get("name", name) for part, name in ((shape.key, "key"), (shape.value, "value"))
        )
        return {
            entries[number][key][""]: _value(shape.value, entries[number].get(value, {}))
            for number in _numbers(entries)
            if key in entries[number]
        }
    return scalar(shape, node[""]) if "" in node else node


def _numbers(items: Tree) -> list[str]:
    return sorted((part for part in items if part.isdigit()), key=int)


def xml(shape: Any, body: bytes) -> Any:
    """Reads the value of a shape from a document.

    Raises:
        ValueError: It is no XML.
    """
    try:
        return _element(shape, fromstring(body))
    except ParseError as error:
        raise ValueError(str(error)) from error


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _element(shape: Any, element: Element) -> Any:
    kind = shape.type_name
    if kind == "structure":
        return _children(shape, element)
    if kind == "list":
        return [_element(shape.member, child) for child in element]
    if kind == "map":
        return {
            pair.get("key", ""): pair.get("value", "")
            for pair in ({_tag(child): child.text or "" for child in entry} for entry in element)
        }
    return scalar(shape, element.text or "")


def _children(shape: Any, element: Element) -> dict[str, Any]:
    known = _names(shape)
    found: dict[str, Any] = {}
    for child in element:
        name = known.get(_tag(child))
        if name is None:
            found[_tag(child)] = child.text
            continue
        member = shape.members[name]
        if _is_flat(member):
            found.setdefault(name, []).append(_element(member.member, child))
        else:
            found[name] = _element(member, child)
    # A value in an attribute, such as the type of a grantee.
    for name, member in shape.members.items():
        if member.serialization.get("xmlAttribute"):
            found[name] = next(iter(element.attrib.values()), None)
    return found
