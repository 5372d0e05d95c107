"""Refuses Ground Truth, as an account is that did not use it before it closed to new customers on 2026-07-30."""

from __future__ import annotations

from ..errors import ApiError
from ..json_service import JsonObject

OPERATIONS = (
    "CreateLabelingJob", "DescribeLabelingJob", "ListLabelingJobs", "StopLabelingJob", "DescribeWorkteam",
    "ListWorkteams",
)  # fmt: skip


def refuse(_request: JsonObject) -> JsonObject:
    """Refuses any operation.

    Raises:
        ApiError: AccessDeniedException.
    """
    raise ApiError("AccessDeniedException", "Amazon SageMaker Ground Truth is not available to this account.")
