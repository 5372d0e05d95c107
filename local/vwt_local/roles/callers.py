"""Asks a caller for more than its action: to pass roles, and to use the keys behind what it touches.

MiniStack asks for the action alone. Requests without a signature come from the emulator itself, as the root user; Step
Functions asks its state machine's role by `states/acting.py`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote

from ministack.core import iam_actions

from .. import iam, message_moves
from ..errors import ApiError
from ..json_service import Handler, Response
from . import key_uses, log_keys, passed

# The error by which a service reports a denial by KMS; the others say AccessDenied. Source: their service models.
_KEY_CODES = {"sns": "KMSAccessDenied", "sqs": "KMS.AccessDeniedException", "firehose": "InvalidKMSResourceException"}
_KEY_TEXTS = {
    "secretsmanager": "Access to KMS is not allowed ({denial})",
    # A table's error as Amazon's own tests of DynamoDB have seen it.
    "dynamodb": "KMS key access denied error: com.amazonaws.services.kms.model.AWSKMSException: {denial}",
}

Need = key_uses.Need


def needs(action: str, request: Any) -> Iterator[Need]:
    """Yields what a request needs besides its own action: actions, each with the resource and the condition keys."""
    for role, service in passed.passed_roles(action, request):
        yield "iam:PassRole", role, {"iam:passedtoservice": service}
    yield from _locks(action, request)
    yield from _moves(action, request)
    yield from key_uses.needs(action, request)


# What a request's headers need of an object besides the request's own action, by the action. Source: S3 user guide,
# object-lock-managing.
_LOCKS = {
    ("s3:PutObject", "x-amz-object-lock-mode"): "s3:PutObjectRetention",
    ("s3:PutObject", "x-amz-object-lock-legal-hold"): "s3:PutObjectLegalHold",
    ("s3:DeleteObject", "x-amz-bypass-governance-retention"): "s3:BypassGovernanceRetention",
    ("s3:DeleteObjectVersion", "x-amz-bypass-governance-retention"): "s3:BypassGovernanceRetention",
    ("s3:PutObjectRetention", "x-amz-bypass-governance-retention"): "s3:BypassGovernanceRetention",
}


def _locks(action: str, request: Any) -> Iterator[Need]:
    for (of, header), needed in _LOCKS.items():
        if of == action and header in request.get("headers", ()):
            yield needed, f"arn:aws:s3:::{request['Bucket']}/{request['Key']}", {}


def _moves(action: str, request: Any) -> Iterator[Need]:
    """Yields what moving messages needs. Source: SQS developer guide, sqs-configure-dead-letter-queue-redrive."""
    if action == "sqs:StartMessageMoveTask":
        for name in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
            yield f"sqs:{name}", request["SourceArn"], {}
        for arn in message_moves.destinations(request):
            yield "sqs:SendMessage", arn, {}


def asking(service: str, handler: Handler) -> Handler:
    """Wraps the handler of a service: callers are asked for what they need, roles for their trust, keys for services.

    It is the handler itself with `AUTH=false`, and where nobody has to be asked.

    Args:
        service: MiniStack's name of it.
        handler: Answers its requests.
    """

    if not iam.enforced() or iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service) not in _SERVICES:
        return handler

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes | str, query: dict[str, Any]
    ) -> Response:
        # Tasks of Step Functions come as text.
        given = body.encode() if isinstance(body, str) else body
        action = iam_actions.extract_iam_action(service, method, path, headers, given, query) or ""
        if action in _ACTIONS:
            request = _request(service, path, headers, given)
            try:
                _require(service, action, request, headers, query)
                passed.require_trust(action, request)
                log_keys.require(action, request)
            except ApiError as error:
                return _refusal(service, action, error, headers)
        return await handler(method, path, headers, given, query)

    return handle


_ACTIONS = {*passed.ACTIONS, *key_uses.ACTIONS, *log_keys.ACTIONS, *(action for action, _ in _LOCKS)}
_SERVICES = {action.split(":")[0] for action in _ACTIONS}


def _require(service: str, action: str, request: Any, headers: dict[str, str], query: dict[str, Any]) -> None:
    principal = iam.caller(headers, query)
    if principal is None:
        return
    asked = [(action, request)]
    if "copysource" in request:
        asked.append(("s3:GetObject", request["copysource"]))
    for each, of in asked:
        for needed, resource, context in needs(each, of):
            try:
                iam.require_of(principal, needed, resource, context)
            except ApiError as error:
                if not needed.startswith("kms:"):
                    raise
                text = _KEY_TEXTS.get(service, "{denial}").format(denial=error.message)
                raise ApiError(_KEY_CODES.get(service, "AccessDenied"), text) from error


def _request(service: str, path: str, headers: dict[str, str], body: bytes) -> Any:
    """Reads the members of a request in whichever protocol; none of one that cannot be read."""
    if service == "s3":
        return _of_object(path, headers)
    text = body.decode("utf-8", "replace")
    if "x-www-form-urlencoded" in headers.get("content-type", ""):
        return dict(parse_qsl(text))
    try:
        request = json.loads(text or "{}")
    except json.JSONDecodeError:
        return {}
    return request if isinstance(request, dict) else {}


def _of_object(path: str, headers: dict[str, str]) -> dict[str, Any]:
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    request: dict[str, Any] = {"Bucket": bucket, "Key": key, "headers": headers}
    if chosen := headers.get("x-amz-server-side-encryption-aws-kms-key-id"):
        request["SSEKMSKeyId"] = chosen
    if source := headers.get("x-amz-copy-source"):
        request["copysource"] = _of_object(source.partition("?versionId=")[0], {})
    return request


def _refusal(service: str, action: str, error: ApiError, headers: dict[str, str]) -> Response:
    status, answer_headers, answer = iam_actions.access_denied_response(
        service, action, "", "", error_code=error.code, message=error.message, headers=headers
    )
    status = 403 if error.code == "AccessDenied" and service == "s3" else 400
    return status, answer_headers, answer
