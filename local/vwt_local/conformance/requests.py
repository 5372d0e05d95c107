"""Reads what a request asks for, in whatever protocol: its operation, and the input with the model's names on top."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from . import routes, trees
from .models import model, operation

_XML_SERVICES = ("s3",)
_FORM = "application/x-www-form-urlencoded"
# Parameters that SDKs and signers add to a query string.
_OF_SDKS = ("x-id", "x-amz-")

Query = Mapping[str, list[str]]


@dataclass(frozen=True)
class Request:
    """A request that has been read.

    Attributes:
        service: MiniStack's name; `sagemaker-runtime` apart from `sagemaker`.
        operation: Its name.
        shape: The shape of the input; None for an operation without one.
        values: By member.
        on_the_wire: Whether the values below the top have the names that JSON has on the wire.
    """

    service: str
    operation: str
    shape: Any
    values: dict[str, Any]
    on_the_wire: bool


class UnreadableError(Exception):
    """Refuses a body that is not of its protocol."""


def read(service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Query) -> Request | None:
    """Reads a request; None for one whose operation the model does not have.

    Raises:
        UnreadableError: The body cannot be read.
    """
    if service == "sagemaker" and path.startswith("/endpoints/"):
        service = "sagemaker-runtime"
    if target := headers.get("x-amz-target"):
        return _json(service, target.rpartition(".")[2], body)
    if headers.get("content-type", "").startswith(_FORM) or "Action" in query:
        return _form(service, body, query)
    if model(service).protocol in ("rest-json", "rest-xml"):
        return _rest(service, method, path, headers, body, query)
    return None


def _loaded(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise UnreadableError(str(error)) from error
    if not isinstance(value, dict):
        raise UnreadableError("The body is no JSON object.")
    return value


def _json(service: str, name: str, body: bytes) -> Request | None:
    known = operation(service, name)
    if known is None:
        return None
    shape = known.input_shape
    values = _loaded(body)
    members = {member.serialization.get("name", key): key for key, member in shape.members.items()} if shape else {}
    return Request(service, name, shape, {members.get(key, key): value for key, value in values.items()}, True)


def _form(service: str, body: bytes, query: Query) -> Request | None:
    given = {**query, **parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)}
    name = given.pop("Action", [""])[0]
    given.pop("Version", None)
    known = operation(service, name)
    if known is None:
        return None
    values = trees.structure(known.input_shape, trees.tree(given)) if known.input_shape else dict(given)
    return Request(service, name, known.input_shape, values, False)


def _rest(
    service: str, method: str, path: str, headers: Mapping[str, str], body: bytes, query: Query
) -> Request | None:
    found = routes.find(service, method, path, query, headers)
    if found is None:
        return None
    route, labels = found
    shape = operation(service, route.name).input_shape
    members = shape.members if shape else {}
    values: dict[str, Any] = {}
    in_body: dict[str, Any] = {}
    expected = set(route.query)
    others: dict[str, Any] = values
    for name, member in members.items():
        place = member.serialization
        location, wire = place.get("location"), place.get("name", name)
        if location == "uri":
            values[name] = trees.scalar(member, labels[wire])
        elif location == "querystring" and member.type_name == "map":
            others = values[name] = {}
        elif location == "querystring":
            expected.add(wire)
            if wire in query:
                values[name] = _of_query(member, query[wire])
        elif location == "header":
            if wire.lower() in headers:
                values[name] = trees.scalar(member, headers[wire.lower()])
        elif location == "headers":
            values[name] = {key: value for key, value in headers.items() if key.startswith(wire.lower())}
        else:
            in_body[name] = member
    # A map takes any name; without one, the check finds the names that the model does not have.
    for key in query.keys() - expected:
        if not key.lower().startswith(_OF_SDKS):
            others[key] = query[key][0]
    values.update(_of_body(service, shape, in_body, body))
    return Request(service, route.name, shape, values, service not in _XML_SERVICES)


def _of_query(member: Any, given: list[str]) -> Any:
    if member.type_name == "list":
        return [trees.scalar(member.member, item) for item in given]
    return trees.scalar(member, given[0])


def _of_body(service: str, shape: Any, members: dict[str, Any], body: bytes) -> dict[str, Any]:
    if shape is None:
        return {}
    payload = shape.serialization.get("payload")
    if payload and members[payload].type_name != "structure":
        is_text = members[payload].type_name == "string"
        return {payload: body.decode("utf-8", "replace") if is_text else body} if body else {}
    if service in _XML_SERVICES:
        if not body or not members:
            return {}
        try:
            value = trees.xml(members[payload] if payload else shape, body)
        except ValueError as error:
            raise UnreadableError(str(error)) from error
        return {payload: value} if payload else value
    value = _loaded(body)
    if payload:
        return {payload: value} if body else {}
    names = {member.serialization.get("name", key): key for key, member in members.items()}
    return {names.get(key, key): item for key, item in value.items()}
