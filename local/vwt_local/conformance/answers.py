"""Answers a request that its model does not allow as its service does."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

from .models import model
from .shapes import TYPE, Problem

Response = tuple[int, dict[str, str], bytes]

# The code of a broken constraint, where it is not ValidationException (services that speak JSON) or ValidationError
# (those that speak forms). Source: the errors that the services' API references list.
_CODES = {
    "apigateway": "BadRequestException",
    "cognito-idp": "InvalidParameterException",
    "ecr": "InvalidParameterException",
    "logs": "InvalidParameterException",
    "resource-groups": "BadRequestException",
    "s3": "InvalidArgument",
    "sagemaker-runtime": "ValidationError",
    "schemas": "BadRequestException",
    "sqs": "InvalidParameterValue",
    "tagging": "InvalidParameterException",
    "wafv2": "WAFInvalidParameterException",
}
_MALFORMED = {"s3": "MalformedXML", "sts": "MalformedInput", "iam": "MalformedInput", "sns": "MalformedInput"}


def code_of(service: str, problems: list[Problem]) -> str:
    """Returns the error's code: a value of a wrong type stops a service before it looks at constraints."""
    if any(problem.kind == TYPE for problem in problems):
        return _MALFORMED.get(service, "SerializationException")
    speaks_forms = model(service).protocol == "query"
    return _CODES.get(service, "ValidationError" if speaks_forms else "ValidationException")


def text_of(problems: list[Problem]) -> str:
    """Returns the error's message."""
    wrong = [problem.text for problem in problems if problem.kind == TYPE]
    if wrong:
        return "; ".join(wrong)
    plural = "" if len(problems) == 1 else "s"
    texts = "; ".join(problem.text for problem in problems)
    return f"{len(problems)} validation error{plural} detected: {texts}"


def answer(service: str, headers: Mapping[str, str], code: str, text: str, status: int = 400) -> Response:
    """Writes an error in the protocol of the request."""
    if service == "s3":
        body = f"<Error><Code>{code}</Code><Message>{escape(text)}</Message></Error>"
        return status, {"Content-Type": "application/xml"}, body.encode()
    if headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(text)}</Message></Error>"
        body = f"<ErrorResponse>{error}<RequestId>{uuid.uuid4()}</RequestId></ErrorResponse>"
        return status, {"Content-Type": "text/xml"}, body.encode()
    kind = "application/x-amz-json-1.1" if "x-amz-target" in headers else "application/json"
    body = json.dumps({"__type": code, "message": text})
    return status, {"Content-Type": kind, "x-amzn-errortype": code}, body.encode()
