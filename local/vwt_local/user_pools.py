"""Adds to Cognito's user pools what MiniStack leaves out. It signs tokens because `cryptography` is installed."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import apigateway_v1, cognito

from .json_service import JsonObject

# Claims and no error, or no claims and an error.
Validated = tuple[JsonObject | None, Any]
# An operation's request, and MiniStack's response.
Operation = Callable[[JsonObject], Any]


def rs256_only(verify: Callable[..., bool]) -> Callable[..., bool]:
    """Wraps the check of a token's signature: pools sign by RS256, and a token must not say that it is otherwise."""

    def verify_signature(token: str, *jwk: JsonObject) -> bool:
        try:
            header = json.loads(urlsafe_b64decode(token.partition(".")[0] + "=="))
            return header["alg"] == "RS256" and verify(token, *jwk)
        except (ValueError, KeyError, TypeError):
            return False

    return verify_signature


def identity_only(validate: Callable[..., Awaitable[Validated]]) -> Callable[..., Awaitable[Validated]]:
    """Wraps the check of a method's token.

    A method without scopes takes ID tokens only, as on AWS; and no token lasts for ever, of which MiniStack asks those
    alone that say when they end.
    """

    async def validate_cognito_authorizer(authorizer: JsonObject, method: JsonObject, *request: Any) -> Validated:
        claims, error = await validate(authorizer, method, *request)
        expected = "access" if method.get("authorizationScopes") else "id"
        if claims is not None and (claims.get("token_use") != expected or not isinstance(claims.get("exp"), int)):
            return None, apigateway_v1._gw_error("UNAUTHORIZED", "Unauthorized")
        return claims, error

    return validate_cognito_authorizer


def as_text(show: Callable[[JsonObject], JsonObject]) -> Callable[[JsonObject], JsonObject]:
    """Wraps MiniStack's claims as a function sees them: a REST API joins lists by commas, and writes times as Java."""

    def stringify_claims(claims: JsonObject) -> JsonObject:
        lists = {name: ",".join(map(str, value)) for name, value in claims.items() if isinstance(value, list)}
        times: JsonObject = {
            name: time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(claims[name]))
            for name in ("exp", "iat")
            if name in claims
        }
        return show({**claims, **lists, **times})

    return stringify_claims


def asking_pool(sign_up: Operation) -> Operation:
    """Wraps SignUp, which a pool whose users only administrators make refuses."""

    def operation(request: JsonObject) -> Any:
        pool, _ = cognito._pool_for_client(request.get("ClientId"))
        if pool and pool["AdminCreateUserConfig"].get("AllowAdminCreateUserOnly"):
            return error_response_json("NotAuthorizedException", "SignUp is not permitted for this user pool", 400)
        return sign_up(request)

    return operation


def asking_client(update: Operation) -> Operation:
    """Wraps UpdateUserAttributes, with which users write what their app client may write, and no more."""

    def operation(request: JsonObject) -> Any:
        token = request.get("AccessToken", "")
        user, pool = cognito._user_pool_for_access_token(token)
        client = user and pool["_clients"].get(cognito._token_claims(token).get("client_id"))
        writable = client and client.get("WriteAttributes")
        if writable and any(each["Name"] not in writable for each in request.get("UserAttributes", [])):
            message = "A client attempted to write unauthorized attribute"
            return error_response_json("NotAuthorizedException", message, 400)
        return asking_schema(update)(request, pool)

    return operation


def asking_schema(update: Operation) -> Callable[..., Any]:
    """Wraps an operation that changes attributes, some of which stay as they were made."""

    def operation(request: JsonObject, pool: JsonObject | None = None) -> Any:
        pool = pool or cognito._user_pools.get(request.get("UserPoolId")) or {}
        mutable = {each["Name"]: each.get("Mutable", True) for each in pool.get("SchemaAttributes", [])}
        for each in request.get("UserAttributes", []):
            if not mutable.get(each["Name"], True):
                message = f"user.{each['Name']}: Attribute cannot be updated."
                return error_response_json("InvalidParameterException", message, 400)
        return update(request)

    return operation


def updating_groups(
    dispatch: Callable[[str, JsonObject], Awaitable[Any]],
) -> Callable[[str, JsonObject], Awaitable[Any]]:
    """Adds UpdateGroup to MiniStack's operations."""

    async def dispatch_idp(action: str, request: JsonObject) -> Any:
        if action == "UpdateGroup":
            pool = cognito._user_pools.get(request.get("UserPoolId")) or {"_groups": {}}
            group = pool["_groups"].get(request.get("GroupName"), {})
            group.update({name: request[name] for name in ("Description", "RoleArn", "Precedence") if name in request})
            return cognito._get_group(request)
        return await dispatch(action, request)

    return dispatch_idp
