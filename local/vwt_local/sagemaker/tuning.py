"""Hyperparameter tuning jobs: training jobs with hyperparameters from a search space, and the best of them.

Both strategies, Random and Bayesian, are a random search, which starts from RandomSeed or, without one, from the job's
name. Early stopping of training jobs is accepted and never happens.
"""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any

from .. import changes, threads
from ..errors import ApiError, validation_error
from ..json_service import JsonObject
from . import jobs, search, training
from .store import TRAINING_JOB, TUNING_JOB
from .tuning_counts import best, counted, summary

_log = logging.getLogger(__name__)

_POLL_SECONDS = 0.1
_STRATEGIES = ("Random", "Bayesian")
# "No training job succeeded after 5 attempts": a tuning job gives up then.
_ATTEMPTS = 5
_OBJECTIVE = "_tuning_objective_metric"
_NOT_OF_JOBS = ("DefinitionName", "StaticHyperParameters")
# Not emulated, by where they stand.
_REFUSED = {
    "": ("TrainingJobDefinitions", "WarmStartConfig", "Autotune"),
    "HyperParameterTuningJobConfig": ("StrategyConfig", "TuningJobCompletionCriteria"),
    "TrainingJobDefinition": ("HyperParameterRanges", "HyperParameterTuningResourceConfig", "TuningObjective"),
}


def create(request: JsonObject) -> JsonObject:
    """Serves CreateHyperParameterTuningJob.

    Raises:
        ApiError: ValidationException, ResourceInUse or ResourceLimitExceeded; there is no job then.
    """
    name = request["HyperParameterTuningJobName"]
    TUNING_JOB.check_new(name)
    _check(request)
    config, definition = request["HyperParameterTuningJobConfig"], request["TrainingJobDefinition"]
    objective = config["HyperParameterTuningJobObjective"]["MetricName"]
    metrics = training.check(definition)
    if objective not in [metric["Name"] for metric in metrics]:
        raise validation_error(
            "A metric is required for this hyperparameter tuning job objective. Provide a metric in the metric "
            f"definitions. ({objective})"
        )
    record = TUNING_JOB.add(
        {
            **request,
            "TrainingJobDefinition": {
                **definition,
                "AlgorithmSpecification": {**definition["AlgorithmSpecification"], "MetricDefinitions": metrics},
                "StaticHyperParameters": {**definition.get("StaticHyperParameters", {}), _OBJECTIVE: objective},
            },
            "HyperParameterTuningJobStatus": "InProgress",
            "LastModifiedTime": time.time(),
            # Members of the job's summary.
            "Strategy": config["Strategy"],
            "ResourceLimits": config["ResourceLimits"],
            # The definition of its training jobs, and the hyperparameters of those there are, by name.
            "_Definition": definition,
            "_Tags": request.get("Tags", []),
            "_Tried": {},
        }
    )
    record.update(counted(record))
    threads.start(_work, record)
    return {"HyperParameterTuningJobArn": record["HyperParameterTuningJobArn"]}


def _check(request: JsonObject) -> None:
    for place, members in _REFUSED.items():
        given: JsonObject = request.get(place, {}) if place else request
        if found := [member for member in members if member in given]:
            raise validation_error(f"The local emulator has no {', '.join(found)} of tuning jobs.")
    if "TrainingJobDefinition" not in request:
        raise validation_error("TrainingJobDefinition is required.")
    config = request["HyperParameterTuningJobConfig"]
    if config["Strategy"] not in _STRATEGIES:
        raise validation_error(f"The local emulator has the strategies {', '.join(_STRATEGIES)}.")
    if config.get("HyperParameterTuningJobObjective", {}).get("Type") not in ("Maximize", "Minimize"):
        raise validation_error("HyperParameterTuningJobObjective needs the Type Maximize or Minimize.")
    limits = config["ResourceLimits"]
    if "MaxNumberOfTrainingJobs" not in limits or "MaxRuntimeInSeconds" in limits:
        raise validation_error("The local emulator needs MaxNumberOfTrainingJobs and has no MaxRuntimeInSeconds.")
    if limits["MaxParallelTrainingJobs"] > limits["MaxNumberOfTrainingJobs"]:
        raise validation_error("MaxParallelTrainingJobs must not be above MaxNumberOfTrainingJobs.")
    search.check(config.get("ParameterRanges", {}), request["TrainingJobDefinition"].get("StaticHyperParameters", {}))


def describe(request: JsonObject) -> JsonObject:
    """Serves DescribeHyperParameterTuningJob."""
    name = request["HyperParameterTuningJobName"]
    record = TUNING_JOB.get(name)
    record.update(counted(record))
    return TUNING_JOB.describe(name)


def stop(request: JsonObject) -> JsonObject:
    """Serves StopHyperParameterTuningJob: `Stopping`, then `Stopped`, when the training jobs are."""
    record = TUNING_JOB.get(request["HyperParameterTuningJobName"])
    status = record["HyperParameterTuningJobStatus"]
    if jobs.is_over(TUNING_JOB, record):
        raise validation_error(f"The request was rejected because the hyperparameter tuning job is in status {status}.")
    record.update(HyperParameterTuningJobStatus="Stopping", LastModifiedTime=time.time())
    changes.mark()
    return {}


def list_training_jobs(request: JsonObject) -> JsonObject:
    """Serves ListTrainingJobsForHyperParameterTuningJob."""
    record = TUNING_JOB.get(request["HyperParameterTuningJobName"])
    by = request.get("SortBy", "Name")
    summaries = [summary(record, name) for name in list(record["_Tried"])]
    wanted = [s for s in summaries if request.get("StatusEquals", s["TrainingJobStatus"]) == s["TrainingJobStatus"]]
    if by == "FinalObjectiveMetricValue":
        wanted = [s for s in wanted if "FinalHyperParameterTuningJobObjectiveMetric" in s]
    keys: dict[str, Any] = {
        "Name": lambda s: s["TrainingJobName"],
        "CreationTime": lambda s: s["CreationTime"],
        "Status": lambda s: s["TrainingJobStatus"],
        "FinalObjectiveMetricValue": lambda s: s["FinalHyperParameterTuningJobObjectiveMetric"]["Value"],
    }
    wanted.sort(key=keys[by], reverse=request.get("SortOrder") == "Descending")
    first = int(request.get("NextToken") or 0)
    last = first + request.get("MaxResults", 10)
    more = {"NextToken": str(last)} if last < len(wanted) else {}
    return {"TrainingJobSummaries": wanted[first:last], **more}


def _work(record: JsonObject) -> None:
    """Runs the training jobs of a tuning job. Blocks."""
    try:
        outcome, reason = _search(record)
    except ApiError as error:
        outcome, reason = jobs.FAILED, f"ClientError: {error.message}"
    except Exception as error:
        _log.exception("The tuning job %s failed", record["HyperParameterTuningJobName"])
        outcome, reason = jobs.FAILED, f"InternalServerError: {error}"
    _stop_all(record)
    now = time.time()
    record.update(counted(record), HyperParameterTuningEndTime=now, LastModifiedTime=now)
    record["ConsumedResources"] = {"RuntimeInSeconds": round(now - record["CreationTime"])}
    if reason:
        record["FailureReason"] = reason
    # Last, because a client that polls must find a finished record; and not while somebody stops it.
    threads.on_loop(lambda: record.update(HyperParameterTuningJobStatus=outcome))
    changes.mark()


def _search(record: JsonObject) -> tuple[str, str | None]:
    """Searches; returns how the search ended, and why it failed, if it did.

    Raises:
        ApiError: A training job cannot be created.
    """
    limits, tried = record["ResourceLimits"], record["_Tried"]
    random = _random(record)
    while True:
        running = [name for name in tried if not jobs.is_over(TRAINING_JOB, TRAINING_JOB.get(name))]
        record.update(counted(record))
        if record["HyperParameterTuningJobStatus"] == "Stopping":
            return jobs.STOPPED, None
        ended = len(tried) - len(running)
        well = record["TrainingJobStatusCounters"]["Completed"]
        if not well and ended >= min(_ATTEMPTS, limits["MaxNumberOfTrainingJobs"]):
            return jobs.FAILED, (
                f"No training job succeeded after {ended} attempts. Please take a look at the training job failures to "
                "get more details."
            )
        if len(tried) == limits["MaxNumberOfTrainingJobs"] and not running:
            break
        if len(tried) < limits["MaxNumberOfTrainingJobs"] and len(running) < limits["MaxParallelTrainingJobs"]:
            _launch(record, random)
        else:
            time.sleep(_POLL_SECONDS)
    if best(record) is None:
        return jobs.FAILED, (
            f"No objective metrics found after running {len(tried)} training jobs. Please ensure that the custom "
            "algorithm is emitting the objective metric as defined by the regular expression provided."
        )
    return jobs.COMPLETED, None


def _random(record: JsonObject) -> Random:
    seed = record["HyperParameterTuningJobConfig"].get("RandomSeed")
    name = hashlib.sha256(record["HyperParameterTuningJobName"].encode()).digest()
    return Random(name if seed is None else seed)  # noqa: S311  # no secret


def _launch(record: JsonObject, random: Random) -> None:
    tried = record["_Tried"]
    ranges = record["HyperParameterTuningJobConfig"]["ParameterRanges"]
    tuned = search.draw(ranges, list(tried.values()), random)
    name = f"{record['HyperParameterTuningJobName']}-{len(tried) + 1:03}-{uuid.uuid4().hex[:8]}"
    request = {
        **{key: value for key, value in record["_Definition"].items() if key not in _NOT_OF_JOBS},
        "TrainingJobName": name,
        "TuningJobArn": record["HyperParameterTuningJobArn"],
        "HyperParameters": {**record["TrainingJobDefinition"]["StaticHyperParameters"], **tuned},
        "Tags": record["_Tags"],
    }
    threads.on_loop(lambda: training.create(request))
    tried[name] = tuned
    changes.mark()


def _stop_all(record: JsonObject) -> None:
    """Stops the training jobs that run, and waits for their end."""
    running = list(record["_Tried"])
    for name in running:
        # One that ends just now cannot be stopped.
        with suppress(ApiError):
            threads.on_loop(partial(training.stop, {"TrainingJobName": name}))
    while running := [name for name in running if not jobs.is_over(TRAINING_JOB, TRAINING_JOB.get(name))]:
        time.sleep(_POLL_SECONDS)
