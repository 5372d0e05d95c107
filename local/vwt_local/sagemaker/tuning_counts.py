"""Summarizes the training jobs of a tuning job: their states, counters, the best one."""

from __future__ import annotations

from ..json_service import JsonObject
from .store import TRAINING_JOB

# The counters of DescribeHyperParameterTuningJob.
_COUNTERS = {
    "TrainingJobStatusCounters": ("Completed", "InProgress", "RetryableError", "NonRetryableError", "Stopped"),
    "ObjectiveStatusCounters": ("Succeeded", "Pending", "Failed"),
}
# How the FailureReason of a job begins that failed for reasons of the service.
_RETRYABLE = ("InternalServerError", "CapacityError")
_SHOWN = (
    "TrainingJobName", "TrainingJobArn", "CreationTime", "TrainingStartTime", "TrainingEndTime", "TrainingJobStatus",
    "FailureReason",
)  # fmt: skip


def summary(tuning: JsonObject, name: str) -> JsonObject:
    """Makes the HyperParameterTrainingJobSummary of one of a tuning job's training jobs."""
    job = TRAINING_JOB.get(name)
    objective = tuning["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["MetricName"]
    shown = {member: job[member] for member in _SHOWN if member in job}
    shown["TunedHyperParameters"] = tuning["_Tried"][name]
    if job["TrainingJobStatus"] in ("InProgress", "Stopping"):
        return {**shown, "ObjectiveStatus": "Pending"}
    found = [metric for metric in job.get("FinalMetricDataList", []) if metric["MetricName"] == objective]
    if job["TrainingJobStatus"] == "Failed" or not found:
        return {**shown, "ObjectiveStatus": "Failed"}
    value = {"MetricName": objective, "Value": found[0]["Value"]}
    return {**shown, "FinalHyperParameterTuningJobObjectiveMetric": value, "ObjectiveStatus": "Succeeded"}


def best(tuning: JsonObject) -> JsonObject | None:
    """Returns the summary of the training job with the best value, if any has one."""
    entries = [summary(tuning, name) for name in list(tuning["_Tried"])]
    found = [entry for entry in entries if entry["ObjectiveStatus"] == "Succeeded"]
    is_more_better = tuning["HyperParameterTuningJobConfig"]["HyperParameterTuningJobObjective"]["Type"] == "Maximize"
    choose = max if is_more_better else min
    return choose(found, key=lambda entry: entry["FinalHyperParameterTuningJobObjectiveMetric"]["Value"], default=None)


def counted(tuning: JsonObject) -> JsonObject:
    """Returns the members of DescribeHyperParameterTuningJob that follow from the training jobs."""
    members = {counters: dict.fromkeys(names, 0) for counters, names in _COUNTERS.items()}
    for name in list(tuning["_Tried"]):
        entry = summary(tuning, name)
        members["TrainingJobStatusCounters"][_counter(entry)] += 1
        members["ObjectiveStatusCounters"][entry["ObjectiveStatus"]] += 1
    winner = best(tuning)
    return {**members, "BestTrainingJob": winner} if winner else {**members}


def _counter(entry: JsonObject) -> str:
    status: str = entry["TrainingJobStatus"]
    if status == "Failed":
        return "RetryableError" if entry["FailureReason"].startswith(_RETRYABLE) else "NonRetryableError"
    return "InProgress" if status == "Stopping" else status
