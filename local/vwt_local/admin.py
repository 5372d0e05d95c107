"""`GET /_vwt/*`: what tests ask the emulator itself."""

from __future__ import annotations

import json
from typing import Any

from . import VERSION, settings
from .sagemaker import endpoints, training


def processes() -> list[dict[str, Any]]:
    """The running containers: what to kill or to stop in a test of failures."""
    serving = [
        {"kind": "endpoint", "name": arn.rsplit("/", 1)[-1], "variant": variant, "pid": replica.pid}
        for arn, deployment in endpoints.deployments().items()
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
