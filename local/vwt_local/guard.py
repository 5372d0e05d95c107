"""Lets programs of this machine ask that know the emulator's token, and no web page.

Every page that somebody has open may send requests to 127.0.0.1, and a name that its owner lets point there (DNS
rebinding) makes them requests of the same origin. So a request has to be for a name of this machine, from no foreign
page, and to carry the token: in a header where the emulator itself is asked, as the root user's secret in a signature
where AWS is, unless AWS answers the route without a signature too.
"""

from __future__ import annotations

import base64
import hmac
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import parse_qs, quote

from ministack import app
from ministack.core import iam_actions, iam_evaluator

Scope = dict[str, Any]
Headers = tuple[tuple[bytes, bytes], ...]
Response = tuple[int, dict[str, str], bytes]

TOKEN_HEADER = "x-vwt-token"  # noqa: S105  # a header's name

_HERE = r"(?:(?:[a-z0-9_-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?"
_HOST = re.compile(_HERE, re.IGNORECASE)
_ORIGIN = re.compile(rf"https?://{_HERE}", re.IGNORECASE)

_HEALTH = ("/_vwt/health", *app._HEALTH_PATHS)
_ADMINISTRATION = ("/_vwt/", "/_ministack/", "/_localstack/")
_USER_POOLS = "AWSCognitoIdentityProviderService."
# Documents that say with which keys a user pool signs.
_KEYS_OF_POOLS = re.compile(r"/[\w-]+_[0-9A-Za-z]+/\.well-known/(?:jwks\.json|openid-configuration)")
_USER_OF_REGISTRY = "AWS"  # as ECR calls it


class Refusal(NamedTuple):
    """An answer in place of the one asked for."""

    status: int
    code: str
    message: str
    headers: Headers = ()

    @property
    def body(self) -> bytes:
        """The refusal as services with a JSON protocol write errors."""
        return json.dumps({"__type": self.code, "message": self.message}).encode()


class Guard:
    """Says which requests are refused before anything looks at them."""

    def __init__(self, token: str, *, auth: bool) -> None:
        """Takes the rules of this run.

        Args:
            token: The secret of this run of the emulator.
            auth: Whether AWS's routes need a signature.
        """
        self._token = token
        self._auth = auth

    def refusal(self, scope: Scope) -> Refusal | None:
        """Decides whether a request, of HTTP or for a WebSocket, is refused; None when it may go on."""
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        return (
            _not_for_us(headers)
            or _from_a_foreign_page(headers)
            or self._without_token(scope["path"], headers)
            or self._without_signature(scope, headers)
        )

    def _without_token(self, path: str, headers: dict[str, str]) -> Refusal | None:
        """Refuses a request with another token: so a command recognises its own emulator."""
        given = headers.get(TOKEN_HEADER)
        if given is None:
            if path in _HEALTH or not path.startswith(_ADMINISTRATION):
                return None
        elif self._is_token(given):
            return None
        return Refusal(
            403,
            "AccessDeniedException",
            f"{path} needs this emulator's token in the header {TOKEN_HEADER}; it is in the file 'token' of the state "
            "folder, which only the user who started the emulator can read.",
        )

    def _without_signature(self, scope: Scope, headers: dict[str, str]) -> Refusal | None:
        path: str = scope["path"]
        if not self._auth or path in _HEALTH or path.startswith(_ADMINISTRATION):
            return None
        if app._is_ecr_registry_path(path):
            return self._without_login(headers)
        if scope["type"] == "http" and (scope["method"] == "OPTIONS" or _is_public(path, headers)):
            return None
        raw_path = scope.get("raw_path") or quote(path).encode()
        query = parse_qs(scope.get("query_string", b"").decode("utf-8", "replace"), keep_blank_values=True)
        iam_evaluator.pin_signed_request(
            scope.get("method", "GET"), raw_path.decode("latin-1"), query, scope["headers"]
        )
        if iam_evaluator._signed_request.get() is not None:
            return None  # MiniStack holds it against the caller's secret
        return Refusal(
            403,
            # Services of a JSON protocol call it so, the others without the last word.
            "MissingAuthenticationTokenException" if "x-amz-target" in headers else "MissingAuthenticationToken",
            "The request has no signature. Sign it by the access key 'test' with this emulator's token as its secret; "
            "the token is in the file 'token' of the state folder.",
        )

    def _without_login(self, headers: dict[str, str]) -> Refusal | None:
        """Refuses clients of the image registry without the login that GetAuthorizationToken gives them."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "basic" and _is_same(given.strip(), self._login()):
            return None
        challenge = ((b"www-authenticate", b'Basic realm="ECR"'),)
        return Refusal(401, "UNAUTHORIZED", "Log in with what ecr:GetAuthorizationToken answers.", challenge)

    def _login(self) -> str:
        return base64.b64encode(f"{_USER_OF_REGISTRY}:{self._token}".encode()).decode()

    def _is_token(self, given: str) -> bool:
        return _is_same(given, self._token)

    def handing_out_login(self, answer: Callable[[Any], Response]) -> Callable[[Any], Response]:
        """Wraps GetAuthorizationToken of MiniStack's ECR."""

        def get_authorization_token(data: Any) -> Response:
            status, headers, body = answer(data)
            told = json.loads(body)
            for each in told["authorizationData"]:
                each["authorizationToken"] = self._login()
            return status, headers, json.dumps(told).encode()

        return get_authorization_token


def _is_same(given: str, secret: str) -> bool:
    """Compares two texts in constant time; as bytes, because texts beyond ASCII would raise an exception."""
    return hmac.compare_digest(given.encode(), secret.encode())


def _not_for_us(headers: dict[str, str]) -> Refusal | None:
    host = headers.get("host", "")
    if _HOST.fullmatch(host):
        return None
    return Refusal(
        421, "MisdirectedRequest", f"The emulator answers to names of this machine only, not to {host[:100]!r}."
    )


def _from_a_foreign_page(headers: dict[str, str]) -> Refusal | None:
    """Refuses what a browser sends for a foreign page: it names the origin, or says that the site is another."""
    origin = headers.get("origin")
    if _ORIGIN.fullmatch(origin) if origin is not None else headers.get("sec-fetch-site") != "cross-site":
        return None
    return Refusal(403, "AccessDeniedException", "The emulator answers no pages of other origins than this machine.")


def _is_public(path: str, headers: dict[str, str]) -> bool:
    """Tells whether AWS answers the route without credentials, and leaves it to the API or the user pool."""
    if app._parse_execute_api_url(headers["host"], path) or _KEYS_OF_POOLS.fullmatch(path):
        return True
    target = headers.get("x-amz-target", "")
    operation = target.removeprefix(_USER_POOLS)
    return operation != target and operation in iam_actions.unsigned_operations("cognito-idp")
