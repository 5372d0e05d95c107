"""Asks what AWS asks before an event source mapping is made or changed, and fills in what a request leaves out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from ..errors import ApiError
from ..json_service import JsonObject
from . import poller, sources

# What DescribeEventSourceMapping shows of a stream's mapping where CreateEventSourceMapping named nothing.
_OF_STREAMS = {
    "BatchSize": 100,
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {"OnFailure": {}},
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ParallelizationFactor": 1,
}


def creating(create: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps Lambda's `_create_esm`."""

    def create_mapping(data: JsonObject) -> Any:
        arn = data.get("EventSourceArn", "")
        is_stream = arn.startswith("arn:") and arn.split(":")[2] == "dynamodb"
        given = {**_OF_STREAMS, **data} if is_stream else data
        return _refusal(data.get("FunctionName", ""), arn) or create(given)

    return create_mapping


def updating(update: Callable[[str, JsonObject], Any]) -> Callable[[str, JsonObject], Any]:
    """Wraps Lambda's `_update_esm`."""

    def update_mapping(mapping: str, data: JsonObject) -> Any:
        known = lambda_svc._esms.get(mapping) or {}
        name = data.get("FunctionName") or known.get("FunctionArn", "")
        answer = _refusal(name, known.get("EventSourceArn", "")) or update(mapping, data)
        poller.wake()
        return answer

    return update_mapping


def _refusal(function: str, arn: str) -> Any:
    """Returns the answer to a request whose function may not read the source; None where it may, or is not there."""
    name, qualifier = lambda_svc._resolve_request_scoped_name_and_qualifier(function)
    _, config = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    if config is None or arn.count(":") < 5:
        return None
    try:
        sources.require(arn, config)
    except ApiError as error:
        return error_response_json(error.code, error.message, error.status)
    return None
