"""Bounds the bodies of requests: how many bytes they have, and how long they take to come.

The head of a request says how much will follow, and who says 99999999999999999999 and sends nothing would be waited for
without end. AWS's services have their limits, of which the server needs only the largest: 5 GiB in one request (S3's
PutObject), and 10 MB through API Gateway, whose clients are the only ones who need no credentials. What contradicts
itself (a length that is no number, or two different ones) is refused by h11, as RFC 9112, section 6.3 wants it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ministack import app
from ministack.core.responses import new_uuid, request_scope
from ministack.services import apigateway_v1

from .deadlines import within
from .guard import Headers

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]

_DISCONNECT: Message = {"type": "http.disconnect"}


@dataclass(frozen=True)
class Limits:
    """Limits of the body of a request.

    Attributes:
        size: Bytes.
        pause: Seconds between two pieces.
        whole: Seconds until its end.
    """

    size: int
    pause: float
    whole: float


SERVICES = Limits(size=5 * 1024**3, pause=60, whole=3600)
API = Limits(size=10 * 1024**2, pause=30, whole=30)


class Answer(NamedTuple):
    """An answer in place of the one asked for."""

    status: int
    body: bytes
    headers: Headers


class Body:
    """Takes the body of a request in, in place of ASGI's `receive`.

    Attributes:
        refusal: Why the rest of it is not waited for; whoever read it until then was told that the client is gone.
    """

    def __init__(self, scope: Message, receive: Receive, services: Limits = SERVICES, api: Limits = API) -> None:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        self._receive = receive
        self._stage = app._parse_execute_api_url(headers.get("host", ""), scope["path"])
        self._limits = api if self._stage else services
        self._deadline = time.monotonic() + self._limits.whole
        self._size = 0
        self._complete = False
        length = headers.get("content-length", "0")
        announced = re.fullmatch(r"[0-9]+", length) is not None and int(length) > self._limits.size
        self.refusal = self._too_large() if announced else None

    async def receive(self) -> Message:
        """Receives the next piece of the body."""
        if self._complete:
            # There is nothing more to come but the end of the connection, for which whoever asks may wait.
            return await self._receive()
        if self.refusal:
            return _DISCONNECT
        left = min(self._limits.pause, self._deadline - time.monotonic())
        try:
            message = await within(left, self._receive())
        except TimeoutError:
            self.refusal = self._too_slow()
            return _DISCONNECT
        self._size += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._size > self._limits.size:
            self.refusal = self._too_large()
            return _DISCONNECT
        return message

    def _too_large(self) -> Answer:
        message = f"The body is larger than {self._limits.size} bytes."
        return self._of_stage("REQUEST_TOO_LARGE", "Request Too Long") or _answer(413, "RequestEntityTooLarge", message)

    def _too_slow(self) -> Answer:
        return _answer(408, "RequestTimeout", "The body did not come in time.")

    def _of_stage(self, response_type: str, words: str) -> Answer | None:
        """Returns the gateway response of the stage that is called, if there is such a stage."""
        if not self._stage:
            return None
        api, name, _ = self._stage
        scope, stage = apigateway_v1.find_api_scope(api), apigateway_v1.stages_for_api(api).get(name)
        if scope is None or stage is None:
            return None
        request = {
            "api_id": api,
            "stage_name": name,
            "stage": stage,
            "headers": {},
            "query_params": {},
            "path_params": {},
            "resource_path": "",
            "request_id": new_uuid(),
        }
        with request_scope(*scope):
            error = apigateway_v1._gw_error(response_type, words)
            status, headers, body = apigateway_v1._gateway_error_response(error, request)
            return Answer(status, body, tuple((name.encode(), value.encode()) for name, value in headers.items()))


def _answer(status: int, code: str, message: str) -> Answer:
    body = f'{{"__type":"{code}","message":"{message}"}}'
    return Answer(status, body.encode(), ((b"content-type", b"application/json"),))
