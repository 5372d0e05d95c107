"""SageMaker Runtime: `POST /endpoints/<name>/invocations`."""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..deadlines import within
from ..errors import ApiError
from ..http_pool import Answer
from ..json_service import JsonObject, Response, error_response
from ..replica import Replica
from . import fleets
from .invocation_metrics import Invocation, note
from .store import ENDPOINT

_PATH = re.compile(r"/endpoints/(?P<name>[^/]+)/invocations")
# "A model container must respond within 60 seconds" and "maximum 6 MB": InvokeEndpoint's documentation.
_TIMEOUT_SECONDS = 60.0
_BODY_LIMIT = 6 * 1024 * 1024
_PASSED_ON = {
    "content-type": "Content-Type",
    "accept": "Accept",
    "x-amzn-sagemaker-custom-attributes": "X-Amzn-SageMaker-Custom-Attributes",
    "x-amzn-sagemaker-inference-id": "X-Amzn-SageMaker-Inference-Id",
}
_VARIANT = "x-amzn-invoked-production-variant"
# How a container that does not answer counts.
_NO_ANSWER = 503


def is_invocation(path: str) -> bool:
    """Tells whether a request under SageMaker's credential scope is the runtime's."""
    return path.startswith("/endpoints/")


def _model_error(status: int, message: str, endpoint: str) -> ApiError:
    side = "client" if 400 <= status < 500 else "server"
    return ApiError(
        "ModelError",
        f'Received {side} error ({status}) from primary with message "{message}". '
        f"See the log group /aws/sagemaker/Endpoints/{endpoint} for more information.",
        status=424,
        members={"OriginalStatusCode": status, "OriginalMessage": message},
    )


class _Target(NamedTuple):
    """The part of an endpoint that answers: its record, the summary of a variant, and the variant's replica."""

    endpoint: JsonObject
    variant: JsonObject
    replica: Replica


def _find(name: str, headers: dict[str, str]) -> _Target:
    """Chooses who answers."""
    try:
        endpoint = ENDPOINT.get(name)
    except ApiError as error:
        raise ApiError("ValidationError", f"Endpoint {name} of account not found.") from error
    chosen = fleets.choose(endpoint)
    if chosen is None:
        raise ApiError("ValidationError", f"Endpoint {name} is not InService: it is {endpoint['EndpointStatus']}.")
    deployment, summaries = chosen
    variants = {summary["VariantName"]: summary for summary in summaries}
    variant = headers.get("x-amzn-sagemaker-target-variant") or deployment.choose(
        {name: summary["CurrentWeight"] for name, summary in variants.items()}
    )
    if variant not in deployment.replicas:
        raise ApiError("ValidationError", f"Endpoint {name} has no variant {variant}.")
    return _Target(endpoint, variants[variant], deployment.replicas[variant])


async def _ask(target: _Target, received: float, headers: dict[str, str], body: bytes) -> Answer:
    """Sends a request on, and notes how it went."""
    endpoint, variant, replica = target
    passed_on = {wire: headers[name] for name, wire in _PASSED_ON.items() if name in headers}
    pool = replica.pool
    asked = time.perf_counter()
    if pool is None:
        note(Invocation(endpoint, variant, _NO_ANSWER, None, asked - received))
        raise _model_error(503, "The container is being started again.", endpoint["EndpointName"])
    replica.in_flight += 1
    status = _NO_ANSWER
    try:
        answer = await within(_TIMEOUT_SECONDS, pool.post("/invocations", passed_on, body))
        status = answer.status
    except TimeoutError:
        raise _model_error(
            0,
            "Your invocation timed out while waiting for a response from container primary. Review the latency metrics "
            "for each container in Amazon CloudWatch, resolve the issue, and try again.",
            endpoint["EndpointName"],
        ) from None
    except (OSError, asyncio.IncompleteReadError) as error:
        raise _model_error(503, f"The container closed the connection: {error}", endpoint["EndpointName"]) from error
    finally:
        replica.in_flight -= 1
        note(Invocation(endpoint, variant, status, time.perf_counter() - asked, asked - received))
    if status >= 400:
        raise _model_error(status, answer.body.decode(errors="replace"), endpoint["EndpointName"])
    return answer


async def invoke(_method: str, path: str, headers: dict[str, str], body: bytes, _query: dict[str, Any]) -> Response:
    """Serves InvokeEndpoint.

    Answers:
        The container's body; ValidationError when there is no such endpoint or the body is too large; ModelError
        when the container answers an error, is silent or is gone.
    """
    received = time.perf_counter()
    match = _PATH.fullmatch(path)
    try:
        if match is None:
            raise ApiError("UnknownOperationException", f"The local emulator has no {path}.", status=404)
        if len(body) > _BODY_LIMIT:
            raise ApiError("ValidationError", f"The body has {len(body)} bytes, {_BODY_LIMIT} are allowed.", status=413)
        target = _find(unquote(match["name"]), headers)
        answer = await _ask(target, received, headers, body)
    except ApiError as error:
        return error_response(error)
    content_type = answer.headers.get("content-type", "application/octet-stream")
    return 200, {"Content-Type": content_type, _VARIANT: target.variant["VariantName"]}, answer.body
