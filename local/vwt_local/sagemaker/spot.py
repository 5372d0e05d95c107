"""Managed spot training: cheaper instances, which a job may wait for and which may be taken away.

Source: "Managed Spot Training in Amazon SageMaker AI" in the developer guide.
"""

from __future__ import annotations

import time

from ..errors import validation_error
from ..json_service import JsonObject
from .jobs import OVERDUE, WAITED

# The share of the price that is billed here; on AWS the market makes it.
_PRICE = 0.3


def is_spot(job: JsonObject) -> bool:
    """Tells whether a job, or a request for one, asks for spot instances."""
    return bool(job.get("EnableManagedSpotTraining"))


def check(request: JsonObject) -> None:
    """Refuses a StoppingCondition that does not fit.

    Raises:
        ApiError: ValidationException with SageMaker's text.
    """
    condition = request.get("StoppingCondition") or {}
    if "MaxRuntimeInSeconds" not in condition:
        raise validation_error("StoppingCondition.MaxRuntimeInSeconds is required.")
    wait = condition.get("MaxWaitTimeInSeconds")
    if is_spot(request) and (wait is None or wait < condition["MaxRuntimeInSeconds"]):
        raise validation_error(
            "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
        )
    if not is_spot(request) and wait is not None:
        raise validation_error(
            "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
        )


def seconds_to_wait(job: JsonObject) -> float:
    """Returns how many seconds a spot job may still take in all."""
    return float(job["CreationTime"] + job["StoppingCondition"]["MaxWaitTimeInSeconds"] - time.time())


def limit(job: JsonObject) -> tuple[float, str]:
    """Returns how many seconds the program of a job may run now, and the status of a job that takes longer."""
    spent = time.time() - job["TrainingStartTime"] - job.get("_PausedSeconds", 0)
    left = job["StoppingCondition"]["MaxRuntimeInSeconds"] - spent
    return min((left, OVERDUE), (seconds_to_wait(job), WAITED)) if is_spot(job) else (left, OVERDUE)


def billable(job: JsonObject, seconds: int) -> int:
    """Returns the BillableTimeInSeconds of a training."""
    return max(1, round(seconds * _PRICE)) if is_spot(job) else seconds
