"""Corrects requests on their way in: their origin, and values that AWS reads as none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .json_service import JsonObject


def over_tls(pin: Callable[[Any, bool], Any]) -> Callable[[Any, bool], Any]:
    """Wraps MiniStack's `pin_request_origin`: the loopback address stands for AWS's endpoints, which have TLS."""
    return lambda address, _secure: pin(address, True)


def without_empty_value(create_key: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps CreateApiKey: Terraform's provider sends an empty value for "choose one", which AWS accepts."""
    return lambda data: create_key({name: value for name, value in data.items() if (name, value) != ("value", "")})
