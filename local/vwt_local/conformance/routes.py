"""Finds the operation of a REST service that a request is for."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .models import model

_LABEL = re.compile(r"\{([\w-]+)(\+?)\}")


@dataclass(frozen=True)
class Route:
    """A pattern of the requests of one operation.

    Attributes:
        name: The operation's name.
        method: The HTTP method.
        path: With a group for each label.
        loose: The same, for a label's value that holds slashes once it is decoded, as ARNs do.
        labels: The labels' names, in order.
        query: Parameters that the query string must hold, with their values unless these are free.
        headers: Headers that must be there, in lower case.
    """

    name: str
    method: str
    path: re.Pattern[str]
    loose: re.Pattern[str]
    labels: tuple[str, ...]
    query: Mapping[str, str | None]
    headers: frozenset[str]

    def weight(self) -> tuple[int, int]:
        """Tells how closely the route describes a request: the closest of those that fit is meant."""
        return len(self.query) + len(self.headers), -len(self.labels)

    def fits(self, query: Mapping[str, list[str]], headers: Mapping[str, str]) -> bool:
        """Tells whether query string and headers are those of this operation."""
        return self.headers <= headers.keys() and all(
            name in query and value in (None, (query[name] or [""])[0]) for name, value in self.query.items()
        )


@functools.cache
def _routes(service: str) -> dict[str, list[Route]]:
    """Returns the routes of a service by method, the closest first."""
    found: dict[str, list[Route]] = {}
    known = model(service)
    # S3 keeps operations whose successors have the same requests.
    operations = sorted(map(known.operation_model, known.operation_names), key=lambda each: bool(each.deprecated))
    for operation in operations:
        route = _route(operation)
        found.setdefault(route.method, []).append(route)
    return {method: sorted(routes, key=Route.weight, reverse=True) for method, routes in found.items()}


def _route(operation: Any) -> Route:
    path, _, literal = operation.http["requestUri"].partition("?")
    query: dict[str, str | None] = {}
    for part in filter(None, literal.split("&")):
        key, _, value = part.partition("=")
        query[key] = value
    headers = set()
    shape = operation.input_shape
    for name in shape.required_members if shape else ():
        place = shape.members[name].serialization
        if place.get("location") == "querystring":
            query.setdefault(place.get("name", name), None)
        if place.get("location") == "header":
            headers.add(place.get("name", name).lower())
    return Route(
        operation.name,
        operation.http["method"],
        _pattern(path, "([^/]+)"),
        _pattern(path, "(.+?)"),
        tuple(label for label, _ in _LABEL.findall(path)),
        query,
        frozenset(headers),
    )


def _pattern(path: str, label: str) -> re.Pattern[str]:
    """Returns the pattern of a path in which a label that takes everything has a plus."""
    literals = _LABEL.split(path.rstrip("/"))[::3]
    labels = ["(.+)" if plus else label for _, plus in _LABEL.findall(path)]
    pairs = zip(literals, [*labels, ""], strict=True)
    return re.compile("".join(re.escape(literal) + group for literal, group in pairs) + "/?")


def find(
    service: str, method: str, path: str, query: Mapping[str, list[str]], headers: Mapping[str, str]
) -> tuple[Route, dict[str, str]] | None:
    """Finds the operation of a request, and the values of the labels in its path."""
    fitting = [route for route in _routes(service).get(method, []) if route.fits(query, headers)]
    for route, pattern in [(route, route.path) for route in fitting] + [(route, route.loose) for route in fitting]:
        if match := pattern.fullmatch(path):
            return route, dict(zip(route.labels, match.groups(), strict=True))
    return None
