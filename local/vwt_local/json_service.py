"""A service of the JSON 1.1 protocol, made of one function per operation."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ministack.core.responses import _service_model

from .errors import ApiError

JsonObject = dict[str, Any]
Operation = Callable[[JsonObject], JsonObject]
Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Response]]

_log = logging.getLogger(__name__)
_CONTENT_TYPE = "application/x-amz-json-1.1"


def json_response(body: JsonObject, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    """Makes an answer of a body, with the protocol's content type."""
    return status, {"Content-Type": _CONTENT_TYPE, **headers}, json.dumps(body).encode()


def error_response(error: ApiError) -> Response:
    """Makes an answer of an error as every SDK reads it: its type in the body and in a header."""
    body = {"__type": error.code, "message": error.message, **(error.members or {})}
    return json_response(body, error.status, {"x-amzn-errortype": error.code})


def output_members(service: str, operation: str) -> Mapping[str, Any]:
    """Returns the shapes of an operation's output by member, from botocore's model."""
    members: Mapping[str, Any] = _service_model(service).operation_model(operation).output_shape.members
    return members


def json_service(service: str, operations: Mapping[str, Operation]) -> Handler:
    """Makes the handler of a service for MiniStack's table. What its model does not allow never comes here.

    Args:
        service: Its name, for messages.
        operations: By name. They run on the event loop and must not block.
    """

    async def handle(
        _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, Any]
    ) -> Response:
        name = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            operation = operations.get(name)
            if operation is None:
                raise ApiError("UnknownOperationException", f"The local emulator has no {service}:{name}.")
            return json_response(operation(json.loads(body or b"{}")))
        except ApiError as error:
            _log.info("%s %s", name, error)
            return error_response(error)

    return handle
