"""`GET /_vwt/*`: what tests ask the emulator itself."""

from __future__ import annotations

import json
from typing import Any

from . import VERSION, settings
from .sagemaker import deployments, endpoints, training


def processes() -> list[dict[str, Any]]:
    """The running containers, those that still start last: what to kill or to stop in a test of failures."""
    running = [(arn.rsplit("/", 1)[-1], deployment) for arn, deployment in endpoints.deployments().items()]
    serving = [
        {"kind": "endpoint", "name": name, "variant": variant, "pid": replica.pid}
        for name, deployment in running + deployments.starting()
        for variant, replica in deployment.replicas.items()
        if replica.pid
    ]
    jobs = [
        {"kind": "training", "name": name, "pid": container.pid}
        for name, container in training.running().items()
        if container.alive
    ]
    return serving + jobs


def health() -> dict[str, Any]:
    """Answered only once everything is restored."""
    return {"status": "ready", "version": VERSION, "auth": settings.current().auth}


_ROUTES = {"/_vwt/health": health, "/_vwt/processes": processes}


def answer(path: str) -> tuple[int, bytes]:
    """Status and JSON body of a path below `/_vwt/`."""
    route = _ROUTES.get(path)
    if route is None:
        return 404, json.dumps({"message": f"Known are {', '.join(_ROUTES)}."}).encode()
    return 200, json.dumps(route()).encode()
