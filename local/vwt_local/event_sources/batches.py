"""Reads a function's answer to a batch: which of its items have failed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ..json_service import JsonObject


def failed(outcome: JsonObject, mapping: JsonObject, items: Collection[str]) -> set[str]:
    """Returns the items of a batch that a function has not done.

    Without ReportBatchItemFailures a call fails or succeeds as a whole. With it an answer that cannot be understood
    fails the batch: an identifier that is empty, missing, or of no item. Source: Lambda developer guide,
    services-sqs-errorhandling and services-ddb-batchfailurereporting, success and failure conditions.

    Args:
        outcome: Lambda's record of the call.
        mapping: Lambda's record of the event source mapping.
        items: Identifiers of the batch's items.
    """
    if outcome.get("error") or outcome.get("throttle"):
        return set(items)
    answer = outcome.get("body")
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or ()) or not answer:
        return set()
    told = _told(answer)
    return set(items) if told is None or not told <= set(items) else told


def _told(answer: Any) -> set[str] | None:
    """Returns the identifiers in an answer; None of one that has another shape."""
    if not isinstance(answer, dict):
        return None
    failures = answer.get("batchItemFailures") or []
    if not isinstance(failures, list) or not all(isinstance(failure, dict) for failure in failures):
        return None
    told = [failure.get("itemIdentifier") for failure in failures]
    return {str(item) for item in told} if all(told) else None
