"""A service of the JSON 1.1 protocol, made of one function per operation."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from botocore.validate import ParamValidator
from ministack.core.responses import _service_model

from .errors import ApiError, validation_error

JsonObject = dict[str, Any]
Operation = Callable[[JsonObject], JsonObject]
Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Response]]

_log = logging.getLogger(__name__)
_CONTENT_TYPE = "application/x-amz-json-1.1"


def json_response(body: JsonObject, status: int = 200, headers: Mapping[str, str] = {}) -> Response:
    """A body with the protocol's content type."""
    return status, {"Content-Type": _CONTENT_TYPE, **headers}, json.dumps(body).encode()


def error_response(error: ApiError) -> Response:
    """An error as SDKs of every language read it: type in the body and in a header."""
    body = {"__type": error.code, "message": error.message, **(error.members or {})}
    return json_response(body, error.status, {"x-amzn-errortype": error.code})


def output_members(service: str, operation: str) -> Mapping[str, Any]:
    """The shapes of an operation's output by member, from botocore's model."""
    members: Mapping[str, Any] = _service_model(service).operation_model(operation).output_shape.members
    return members


def _validate(service: str, operation: str, request: JsonObject) -> None:
    """Checks required members, types, ranges, and the pattern of the top-level strings, as AWS does first.

    Raises:
        ApiError: ValidationException naming every problem.
    """
    shape = _service_model(service).operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    problems = [report.generate_report()] if report.has_errors() else []
    for name, value in request.items():
        pattern = shape.members[name].metadata.get("pattern") if name in shape.members else None
        if pattern and isinstance(value, str) and not _fits(pattern, value):
            problems.append(
                f"Value '{value}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: "
                f"Member must satisfy regular expression pattern: {pattern}"
            )
    if problems:
        raise validation_error(f"{len(problems)} validation error detected: {'; '.join(problems)}")


def _fits(pattern: str, value: str) -> bool:
    try:
        return re.fullmatch(pattern, value) is not None
    except re.error:  # Java's notation for surrogates, in patterns that allow nearly everything
        return True


def json_service(service: str, operations: Mapping[str, Operation]) -> Handler:
    """The handler of a service, to be put into MiniStack's table.

    Args:
        service: botocore's name of the service, whose model validates the requests.
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
            request = json.loads(body or b"{}")
            _validate(service, name, request)
            return json_response(operation(request))
        except ApiError as error:
            _log.info("%s %s", name, error)
            return error_response(error)
        except json.JSONDecodeError as error:
            return error_response(ApiError("SerializationException", str(error)))

    return handle
