"""Corrects requests on their way in: their origin, values that AWS reads as none, and who the client of an API is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import apigateway_v1

from .json_service import JsonObject


def over_tls(pin: Callable[[Any, bool], Any]) -> Callable[[Any, bool], Any]:
    """Wraps MiniStack's `pin_request_origin`: the loopback address stands for AWS's endpoints, which have TLS."""
    return lambda address, _secure: pin(address, True)


def without_empty_value(create_key: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps CreateApiKey: Terraform's provider sends an empty value for "choose one", which AWS accepts."""
    return lambda data: create_key({name: value for name, value in data.items() if (name, value) != ("value", "")})


def naming_key(build: Callable[..., JsonObject]) -> Callable[..., JsonObject]:
    """Wraps API Gateway's `_build_lambda_event_v1`: a function learns the client's key of a method that needs one.

    Of other methods `apiKey` and `apiKeyId` are not there, whatever a client sends (API Gateway developer guide,
    api-gateway-mapping-template-reference, `$context.identity`).
    """

    def build_lambda_event(
        api: str,
        stage_name: str,
        stage: JsonObject,
        resource: JsonObject,
        path: str,
        method: str,
        *others: Any,
        **named: Any,
    ) -> JsonObject:
        event = build(api, stage_name, stage, resource, path, method, *others, **named)
        methods = resource["resourceMethods"]
        if (methods.get(method) or methods["ANY"]).get("apiKeyRequired"):
            key = apigateway_v1._resolve_api_key(apigateway_v1._api_key_from_request(others[0]))
            event["requestContext"]["identity"] |= {"apiKey": key["value"], "apiKeyId": key["id"]}
        return event

    return build_lambda_event
