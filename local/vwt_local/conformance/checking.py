"""Holds every request against its service's model before it is carried out."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from . import answers, counts, rules
from .requests import Request, UnreadableError, read
from .shapes import Problem, Shapes

Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Any]]

_log = logging.getLogger(__name__)
_shapes: dict[tuple[str, bool], Shapes] = {}


def problems_in(request: Request) -> list[Problem]:
    """Finds what is wrong with a request; counts nothing."""
    if request.shape is None:
        return []
    key = (request.service, request.on_the_wire)
    if key not in _shapes:
        _shapes[key] = Shapes(on_the_wire=request.on_the_wire)
    return _shapes[key].check(request.shape, request.values)


def problems_of(request: Request) -> list[Problem]:
    """Finds what is wrong with a request, and counts it."""
    counts.checked(request.service, request.operation)
    found = problems_in(request)
    if found:
        text = answers.text_of(found)
        _log.warning("%s %s: %s", request.service, request.operation, text)
        counts.refused(request.service, request.operation, text)
    return found


def checking(service: str, handle: Handler) -> Handler:
    """Wraps the handler of a service: what its model does not allow never reaches it."""

    async def checked(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Any:
        text = body.encode() if isinstance(body, str) else body
        try:
            request = read(service, method, path, headers, text, query)
        except UnreadableError as error:
            counts.unread(f"{service} {method} {path}")
            return answers.answer(service, headers, "SerializationException", str(error))
        if request is None:
            counts.unread(f"{service} {method} {path} {headers.get('x-amz-target', '')}".strip())
        elif problems := problems_of(request):
            code = answers.code_of(request.service, problems)
            return answers.answer(service, headers, code, answers.text_of(problems))
        elif broken := rules.broken_by(request.service, request.operation, request.values):
            rule, said = broken
            return answers.answer(service, headers, rule.code, said, rule.status)
        return await handle(method, path, headers, body, query)

    return checked
