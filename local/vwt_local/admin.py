"""The routes below `/_vwt/`, by which commands and tests ask and steer the emulator itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ministack.core import lambda_runtime

from . import VERSION, settings
from .conformance import counts, rules
from .processes import hold
from .roles import acts
from .sagemaker import capacity, deployments, endpoints, jobs


def processes() -> list[dict[str, Any]]:
    """Lists the running containers, those that still start last, for tests that kill or stop one."""
    running = [(arn.rsplit("/", 1)[-1], deployment) for arn, deployment in endpoints.deployments().items()]
    serving = [
        {"kind": "endpoint", "name": name, "variant": variant, "pid": replica.pid}
        for name, deployment in running + deployments.starting()
        for variant, replica in deployment.replicas.items()
        if replica.pid
    ]
    working = [
        {"kind": noun, "name": name, "pid": container.pid}
        for noun, name, container in jobs.running()
        if container.alive
    ]
    return serving + working


def health() -> dict[str, Any]:
    """Tells that the emulator is ready; nothing answers before everything is restored."""
    return {"status": "ready", "version": VERSION, "auth": settings.current().auth}


def set_capacity(body: bytes) -> dict[str, Any]:
    """Takes instance types away, or gives them back; see `capacity.replace`."""
    capacity.replace(json.loads(body))
    return capacity.limits()


def end_functions() -> dict[str, Any]:
    """Ends the processes of all functions, as AWS may when none runs: the next calls are cold."""
    lambda_runtime.reset()
    return {}


_ROUTES: dict[tuple[str, str], Callable[[bytes], object]] = {
    ("GET", "/_vwt/health"): lambda _: health(),
    ("GET", "/_vwt/processes"): lambda _: processes(),
    ("GET", "/_vwt/capacity"): lambda _: capacity.limits(),
    ("GET", "/_vwt/conformance"): lambda _: {**counts.report(), "rules": rules.listed()},
    ("PUT", "/_vwt/capacity"): set_capacity,
    ("PUT", "/_vwt/held"): lambda body: hold(json.loads(body)),
    ("DELETE", "/_vwt/functions"): lambda _: end_functions(),
    ("GET", "/_vwt/refusals"): lambda _: acts.unseen(),
}


def answer(method: str, path: str, body: bytes) -> tuple[int, bytes]:
    """Answers a request below `/_vwt/` with a status and a JSON body."""
    route = _ROUTES.get((method, path))
    if route is None:
        return 404, _message(f"Known are {', '.join(' '.join(known) for known in _ROUTES)}.")
    try:
        return 200, json.dumps(route(body)).encode()
    except ValueError as error:
        return 400, _message(str(error))


def _message(text: str) -> bytes:
    return json.dumps({"message": text}).encode()
