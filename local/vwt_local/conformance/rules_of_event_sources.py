"""Rules of event source mappings between the mapping, its source and its function; see `rules` for their sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import dynamodb, eventbridge, lambda_svc, sqs

Values = Mapping[str, Any]

_ONLY_STREAMS = (
    "BisectBatchOnFunctionError",
    "DestinationConfig",
    "MaximumRecordAgeInSeconds",
    "MaximumRetryAttempts",
    "ParallelizationFactor",
    "StartingPosition",
    "StartingPositionTimestamp",
    "TumblingWindowInSeconds",
)
_ONLY_QUEUES = ("ScalingConfig",)
_FILTERS = 5


def _mapping(values: Values) -> Values:
    """Returns what the mapping will be."""
    return {**(lambda_svc._esms.get(values.get("UUID", "")) or {}), **values}


def _service(values: Values) -> str:
    """Returns the service of the source, or nothing of what is no ARN."""
    return _arn(values).split(":")[2] if _arn(values) else ""


def _arn(values: Values) -> str:
    arn = str(_mapping(values).get("EventSourceArn", ""))
    return arn if arn.count(":") >= 5 else ""


def _function(values: Values) -> Values:
    named = values.get("FunctionName") or _mapping(values).get("FunctionArn", "")
    name, qualifier = lambda_svc._resolve_request_scoped_name_and_qualifier(named)
    _, config = lambda_svc._get_func_record_for_qualifier(name, qualifier)
    return config or {}


def source_is_there(values: Values) -> str | None:
    """Wants a queue or a stream that is there."""
    arn = _arn(values)
    if _service(values) == "sqs" and sqs._queue_by_arn(arn) is None:
        return (
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error "
            "Message: The specified queue does not exist."
        )
    if _service(values) == "dynamodb":
        table = dynamodb._tables.get(arn.split("/")[1] if "/" in arn else "") or {}
        if table.get("LatestStreamArn") != arn:
            return f"Stream not found: {arn}"
    return None


def one_mapping_of_a_source(values: Values) -> str | None:
    """Allows a function, or each of its aliases and versions, one mapping to each source."""
    arn, name = _arn(values), values["FunctionName"]
    wanted = (arn, *lambda_svc._resolve_request_scoped_name_and_qualifier(name))
    for known in lambda_svc._esms.values():
        if (known["EventSourceArn"], known["FunctionName"], known["Qualifier"]) == wanted:
            names = f'arn (" {arn} ") and function (" {name} ")'
            what = (
                f"An event source mapping with SQS {names}"
                if _service(values) == "sqs"
                else (f"The event source {names} provided mapping")
            )
            return f"{what} already exists. Please update or delete the existing mapping with UUID {known['UUID']}"
    return None


def streams_start_somewhere(values: Values) -> str | None:
    """Wants a stream's mapping to say where it starts: TRIM_HORIZON or LATEST."""
    if _service(values) != "dynamodb" or values.get("StartingPosition") in ("TRIM_HORIZON", "LATEST"):
        return None
    given = values.get("StartingPosition")
    return f"Unsupported starting position for {given} source" if given else "StartingPosition is required"


def settings_of_the_source(values: Values) -> str | None:
    """Allows streams' settings for streams, and queues' for queues."""
    of_others = {"sqs": _ONLY_STREAMS, "dynamodb": _ONLY_QUEUES}.get(_service(values), ())
    for name in of_others:
        if values.get(name) is not None:
            return f"{name} is not supported for event sources of {_service(values)}"
    return None


def batches_of_queues(values: Values) -> str | None:
    """Allows more than 10 messages only with a batching window, and neither for a FIFO queue."""
    if _service(values) != "sqs":
        return None
    mapping = _mapping(values)
    size, window = mapping.get("BatchSize") or 10, mapping.get("MaximumBatchingWindowInSeconds") or 0
    if _arn(values).endswith(".fifo"):
        if window:
            return "Batching window is not supported for FIFO queues"
        return "Batch size must be between 1 and 10 for FIFO queues" if size > 10 else None
    if size > 10 and not window:
        return "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
    return None


def visibility_outlasts_the_function(values: Values) -> str | None:
    """Wants messages to stay out of sight for at least as long as the function may take."""
    queue = sqs._queue_by_arn(_arn(values)) if _service(values) == "sqs" else None
    if queue is None:
        return None
    visibility, timeout = int(queue["attributes"]["VisibilityTimeout"]), int(_function(values).get("Timeout") or 0)
    if visibility < timeout:
        return f"Queue visibility timeout: {visibility} seconds is less than Function timeout: {timeout} seconds"
    return None


def filters_are_patterns(values: Values) -> str | None:
    """Allows five filters, each of which is an event pattern."""
    filters = (values.get("FilterCriteria") or {}).get("Filters") or []
    if len(filters) > _FILTERS:
        return "Filter count exceeds limit. Maximum number of filters is 5"
    for one in filters:
        _, refused = eventbridge._parse_pattern_text(one.get("Pattern", ""))
        if refused:
            return f"Invalid filter pattern definition. {refused}"
    return None
