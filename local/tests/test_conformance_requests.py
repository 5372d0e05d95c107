"""Requests as botocore's own serializers write them are read back as what they ask for, in every protocol."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import pytest
from botocore.serialize import create_serializer

from vwt_local.conformance import models
from vwt_local.conformance.checking import problems_of
from vwt_local.conformance.requests import Request, UnreadableError, read
from vwt_local.conformance.shapes import MISSING, TYPE, UNKNOWN

# Deprecated operations of S3, whose requests are those of their successors, and one on a path of ListBuckets.
_READ_AS_ANOTHER = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
    "ListDirectoryBuckets": "ListBuckets",
}
# CloudWatch's first protocol needs a library that the emulator does not have; Terraform speaks forms to it.
_PROTOCOLS = {"monitoring": "query"}
_FORM = {"content-type": "application/x-www-form-urlencoded"}


def _sample(shape: Any, depth: int = 0) -> Any:
    """Returns a value of a shape: every member, lists and maps of one item."""
    kind = shape.type_name
    if kind == "structure":
        members = shape.members.items()
        # Shapes contain themselves; what is required has to be there however deep.
        return {
            name: _sample(member, depth + 1)
            for name, member in members
            if (depth < 7 or name in shape.required_members) and not member.serialization.get("eventstream")
        }
    if kind == "list":
        return [_sample(shape.member, depth + 1)]
    if kind == "map":
        return {"key": _sample(shape.value, depth + 1)}
    if kind == "string" and getattr(shape, "enum", None):
        return shape.enum[0]
    return {
        "string": "text",
        "character": "c",
        "integer": 7,
        "long": 8,
        "float": 1.5,
        "double": 2.5,
        "boolean": True,
        "blob": b"bytes",
        "timestamp": datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc),
    }[kind]


def _received(service: str, name: str, values: dict[str, Any], protocol: str) -> Request | None:
    """Returns what the emulator reads from a request that botocore has written."""
    operation = models.operation(service, name)
    made = create_serializer(protocol, include_validation=False).serialize_to_request(values, operation)
    url = urlsplit(made["url_path"])
    query = {**parse_qs(url.query, keep_blank_values=True)}
    given = made.get("query_string") or {}
    pairs = urlencode(given, doseq=True) if isinstance(given, dict) else given
    query.update(parse_qs(pairs, keep_blank_values=True))
    body = made["body"]
    headers = {key.lower(): str(value) for key, value in made["headers"].items()}
    if isinstance(body, dict):
        body, headers["content-type"] = urlencode(body, doseq=True), "application/x-www-form-urlencoded"
    text = body.encode() if isinstance(body, str) else bytes(body or b"")
    path = unquote(url.path)
    return read("sagemaker" if service == "sagemaker-runtime" else service, made["method"], path, headers, text, query)


@pytest.mark.parametrize("service", models.SERVICES)
def test_every_operation_is_read_as_botocore_writes_it(service: str) -> None:
    known = models.model(service)
    protocol = _PROTOCOLS.get(service) or known.metadata.get("protocol") or known.metadata["protocols"][0]
    assert known.operation_names
    for name in known.operation_names:
        operation = known.operation_model(name)
        values = _sample(operation.input_shape) if operation.input_shape else {}
        request = _received(service, name, values, protocol)
        assert request, name
        assert request.operation == _READ_AS_ANOTHER.get(name, name)
        if request.operation == name:
            assert set(request.values) == set(values), name
            wrong = [p for p in problems_of(request) if p.kind in (UNKNOWN, TYPE, MISSING)]
            assert wrong == [], name


@pytest.mark.parametrize(
    ("service", "method", "path", "headers", "body", "query"),
    [
        ("sagemaker", "POST", "/", {"x-amz-target": "SageMaker.CreateMagic"}, b"{}", {}),
        ("lambda", "GET", "/2015-03-31/magic", {}, b"", {}),
        ("iam", "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, b"Action=CreateMagic", {}),
        ("ssm", "POST", "/", {}, b"{}", {}),
    ],
)
def test_an_operation_that_no_model_has_is_none(
    service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
) -> None:
    assert read(service, method, path, headers, body, query) is None


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_json_object_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableError):
        read("ssm", "POST", "/", {"x-amz-target": "AmazonSSM.GetParameter"}, body, {})


def test_xml_that_is_none_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        read("s3", "PUT", "/bucket", {}, b"no xml", {"tagging": [""]})


@pytest.mark.parametrize(
    ("service", "request_of", "problem"),
    [
        # Names that no model has, in the query string, the form and the document.
        ("s3", ("GET", "/bucket", {}, b"", {"list-type": ["2"], "colour": ["red"]}), "Unknown field 'colour'"),
        ("iam", ("POST", "/", _FORM, b"Action=GetRole&RoleName=a&Colour=red", {}), "Unknown field 'Colour'"),
        (
            "s3",
            ("PUT", "/bucket", {}, b"<Tagging><Colour/></Tagging>", {"tagging": [""]}),
            "Unknown field 'Colour' in 'tagging'",
        ),
        # Text that is no number.
        (
            "s3",
            ("GET", "/bucket", {}, b"", {"list-type": ["2"], "max-keys": ["few"]}),
            "can not be converted to Integer",
        ),
        ("iam", ("POST", "/", _FORM, b"Action=ListRoles&MaxItems=few", {}), "can not be converted to Integer"),
    ],
)
def test_what_a_request_says_too_much_is_found(service: str, request_of: Any, problem: str) -> None:
    request = read(service, *request_of)
    assert request
    assert any(problem in found.text for found in problems_of(request))
