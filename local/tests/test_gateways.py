"""API Gateway's event of a request: whose key the client has sent."""

from __future__ import annotations

from typing import Any

import pytest
from ministack.services import apigateway_v1

from vwt_local import gateways

BUILD = gateways.naming_key(apigateway_v1._build_lambda_event_v1)


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apigateway_v1, "_api_keys", apigateway_v1.AccountRegionScopedDict())
    apigateway_v1._api_keys["key-of-a"] = {"id": "key-of-a", "value": "secret-of-a", "enabled": True}


def identity(method: str, headers: dict[str, str], **methods: bool) -> dict[str, Any]:
    """Returns the identity in the event of a request to a resource with methods, each with whether it needs a key."""
    resource = {"id": "r", "path": "/p", "resourceMethods": {n: {"apiKeyRequired": k} for n, k in methods.items()}}
    event = BUILD("api", "v1", {}, resource, "/p", method, headers, b"", {}, {})
    found: dict[str, Any] = event["requestContext"]["identity"]
    return found


@pytest.mark.parametrize("methods", [{"GET": True}, {"ANY": True}])
def test_a_function_learns_the_key_of_a_method_that_needs_one(methods: dict[str, bool]) -> None:
    told = identity("GET", {"X-Api-Key": "secret-of-a", "user-agent": "wallet"}, **methods)
    assert (told["apiKeyId"], told["apiKey"], told["userAgent"]) == ("key-of-a", "secret-of-a", "wallet")


def test_a_key_that_nobody_asked_for_is_not_told() -> None:
    assert not {"apiKeyId", "apiKey"} & identity("GET", {"X-Api-Key": "secret-of-a"}, GET=False, ANY=True).keys()
