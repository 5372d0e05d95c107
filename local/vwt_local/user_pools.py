"""Cognito's user pools: what MiniStack leaves out of them.

Tokens are signed and checked, which MiniStack does only where `cryptography` is installed.
"""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import apigateway, apigateway_v1, cognito

from . import rs256, settings
from .json_service import JsonObject

# Claims and no error, or no claims and an error.
Validated = tuple[JsonObject | None, Any]
# An operation's request, and MiniStack's response.
Operation = Callable[[JsonObject], Any]

_KEY_ID = "vwt-local"
_key: rs256.PrivateKey | None = None
_key_lock = threading.Lock()


def _signing_key() -> rs256.PrivateKey:
    """The key of all pools of this state folder; made when it is first needed."""
    global _key
    with _key_lock:
        path = settings.current().state / "user-pools.key.json"
        if _key is None and path.exists():
            _key = rs256.PrivateKey(**json.loads(path.read_text()))
        if _key is None:
            _key = rs256.generate()
            partial = path.with_suffix(".partial")
            partial.touch(mode=0o600)
            partial.write_text(json.dumps({"p": _key.p, "q": _key.q}))
            os.replace(partial, path)
        return _key


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _public_key(_pool: str, _use: str) -> tuple[rs256.PrivateKey, JsonObject]:
    key = _signing_key()
    modulus = key.modulus.to_bytes((key.modulus.bit_length() + 7) // 8, "big")
    exponent = rs256.EXPONENT.to_bytes(3, "big")
    return key, {
        "kty": "RSA",
        "alg": "RS256",
        "use": "sig",
        "kid": _KEY_ID,
        "n": _encode(modulus),
        "e": _encode(exponent),
    }


def _sign(claims: JsonObject, _pool: str = "", _use: str = "") -> str:
    parts = ({"alg": "RS256", "kid": _KEY_ID}, claims)
    unsigned = ".".join(_encode(json.dumps(part).encode()) for part in parts)
    return f"{unsigned}.{_encode(_signing_key().sign(unsigned.encode()))}"


def _is_signed(token: str, _jwk: JsonObject | None = None) -> bool:
    """Whether a token was signed with this emulator's key, and by the only algorithm that it uses."""
    unsigned, _, signature = token.rpartition(".")
    try:
        header = json.loads(_decode(unsigned.partition(".")[0]))
        is_ours = (header["alg"], header["kid"]) == ("RS256", _KEY_ID)
        return is_ours and rs256.verify(_signing_key().modulus, unsigned.encode(), _decode(signature))
    except (ValueError, KeyError, TypeError):
        return False


def _identity_only(validate: Callable[..., Awaitable[Validated]]) -> Callable[..., Awaitable[Validated]]:
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


def _as_text(show: Callable[[JsonObject], JsonObject]) -> Callable[[JsonObject], JsonObject]:
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


def _asking_pool(sign_up: Operation) -> Operation:
    """Wraps SignUp, which a pool whose users only administrators make refuses."""

    def operation(request: JsonObject) -> Any:
        pool, _ = cognito._pool_for_client(request.get("ClientId"))
        if pool and pool["AdminCreateUserConfig"].get("AllowAdminCreateUserOnly"):
            return error_response_json("NotAuthorizedException", "SignUp is not permitted for this user pool", 400)
        return sign_up(request)

    return operation


def _asking_client(update: Operation) -> Operation:
    """Wraps UpdateUserAttributes, with which users write what their app client may write, and no more."""

    def operation(request: JsonObject) -> Any:
        token = request.get("AccessToken", "")
        user, pool = cognito._user_pool_for_access_token(token)
        client = user and pool["_clients"].get(cognito._token_claims(token).get("client_id"))
        writable = client and client.get("WriteAttributes")
        if writable and any(each["Name"] not in writable for each in request.get("UserAttributes", [])):
            message = "A client attempted to write unauthorized attribute"
            return error_response_json("NotAuthorizedException", message, 400)
        return _asking_schema(update)(request, pool)

    return operation


def _asking_schema(update: Operation) -> Callable[..., Any]:
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


def _updating_groups(
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


def install() -> None:
    """Installs the key and the checks; once, before the server starts."""
    # MiniStack asks this only for whether there are keys at all.
    cognito._RSA_PRIVATE_KEY = True
    cognito._POOL_KEY_USES = ("id",)
    cognito._pool_signing_key = _public_key
    cognito._signed_jwt = _sign
    cognito._signature_valid = _is_signed
    apigateway._verify_rs256_signature = apigateway_v1._verify_rs256_signature = _is_signed
    apigateway_v1._validate_cognito_authorizer = _identity_only(apigateway_v1._validate_cognito_authorizer)
    apigateway_v1._stringify_claims = _as_text(apigateway_v1._stringify_claims)
    cognito._sign_up = _asking_pool(cognito._sign_up)
    cognito._update_user_attributes = _asking_client(cognito._update_user_attributes)
    cognito._admin_update_user_attributes = _asking_schema(cognito._admin_update_user_attributes)
    cognito._dispatch_idp = _updating_groups(cognito._dispatch_idp)
