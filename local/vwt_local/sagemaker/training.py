"""Training jobs: the API and the life of a job from `Starting` to its end."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field

from .. import changes, iam, threads
from ..errors import ApiError, validation_error
from ..json_service import JsonObject
from ..logs import LogStream
from ..objects import Location, RoleStore
from ..processes import Container
from . import images, training_files
from .metrics import BUILT_IN_METRICS, Metrics
from .store import TRAINING_JOB

_log = logging.getLogger(__name__)

# A quota like an account's, so that callers meet a CreateTrainingJob that fails before there is a job.
_INSTANCE_QUOTA = 20
# "SageMaker sends the algorithm SIGTERM, which delays termination for 120 seconds": StopTrainingJob.
_STOP_GRACE = 120.0
_TERMINAL = ("Completed", "Failed", "Stopped")


@dataclass
class _Run:
    """What a running job has besides its record."""

    stopping: threading.Event = field(default_factory=threading.Event)
    container: Container | None = None


# By ARN.
_runs: dict[str, _Run] = {}


def running() -> dict[str, Container]:
    """The processes of the jobs that train now, by the job's name."""
    return {arn.rsplit("/", 1)[-1]: run.container for arn, run in _runs.items() if run.container}


def is_over(job: JsonObject) -> bool:
    """Whether a job has ended."""
    return job["TrainingJobStatus"] in _TERMINAL


def create(request: JsonObject) -> JsonObject:
    """CreateTrainingJob. The job runs as one process, whatever its InstanceCount: sharded input arrives whole.

    Raises:
        ApiError: ValidationException, ResourceInUse or ResourceLimitExceeded; there is no job then.
    """
    TRAINING_JOB.check_new(request["TrainingJobName"])
    algorithm = request.get("AlgorithmSpecification") or {}
    image = algorithm.get("TrainingImage", "")
    images.check(image)
    resources = request.get("ResourceConfig") or {}
    if resources.get("InstanceCount", 0) > _INSTANCE_QUOTA:
        raise ApiError(
            "ResourceLimitExceeded",
            f"The account-level service limit '{resources['InstanceType']} for training job usage' is "
            f"{_INSTANCE_QUOTA} Instances, with current utilization of 0 Instances and a request "
            f"delta of {resources['InstanceCount']} Instances. Please use AWS Service Quotas to request an "
            "increase for this quota.",
        )
    if "MaxRuntimeInSeconds" not in (request.get("StoppingCondition") or {}):
        raise validation_error("StoppingCondition.MaxRuntimeInSeconds is required.")
    iam.require_assumable(request["RoleArn"], "sagemaker.amazonaws.com")
    Location.parse(request["OutputDataConfig"]["S3OutputPath"])
    if images.is_built_in(image) and "MetricDefinitions" not in algorithm:
        algorithm = {**algorithm, "MetricDefinitions": BUILT_IN_METRICS}
    job = TRAINING_JOB.add(
        {
            "EnableNetworkIsolation": False,
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": False,
            **request,
            "AlgorithmSpecification": algorithm,
            "ModelArtifacts": {"S3ModelArtifacts": ""},
            "TrainingJobStatus": "InProgress",
            "SecondaryStatusTransitions": [],
        }
    )
    _enter(job, "Starting", "Preparing the instances for training")
    run = _runs[job["TrainingJobArn"]] = _Run()
    threads.start(_work, job, run)
    return {"TrainingJobArn": job["TrainingJobArn"]}


def stop(request: JsonObject) -> JsonObject:
    """StopTrainingJob: `Stopping`, then `Stopped`."""
    job = TRAINING_JOB.get(request["TrainingJobName"])
    if is_over(job):
        raise validation_error(
            f"The request was rejected because the training job is in status {job['TrainingJobStatus']}."
        )
    job["TrainingJobStatus"] = "Stopping"
    _enter(job, "Stopping", "Stopping the training job")
    _runs[job["TrainingJobArn"]].stopping.set()
    return {}


def fail_interrupted() -> None:
    """Ends the jobs that ran when the emulator ended."""
    for job in TRAINING_JOB.records.all_values():
        if not is_over(job):
            _end(job, "Failed", "Failed", "InternalServerError: the emulator stopped while the job ran. Try it again.")


class _JobError(Exception):
    """A job that fails; the text is its FailureReason."""


def _work(job: JsonObject, run: _Run) -> None:
    files = training_files.Files.of(job)
    try:
        status, secondary = _train(job, run, files)
        _end(job, status, secondary)
    except _JobError as error:
        _end(job, "Failed", "Failed", str(error))
    except ApiError as error:
        _end(job, "Failed", "Failed", f"ClientError: {error.message}")
    except Exception as error:
        _log.exception("The training job %s failed", job["TrainingJobName"])
        _end(job, "Failed", "Failed", f"InternalServerError: {error}")
    finally:
        shutil.rmtree(files.root, ignore_errors=True)
        _runs.pop(job["TrainingJobArn"], None)


def _train(job: JsonObject, run: _Run, files: training_files.Files) -> tuple[str, str]:
    """Runs a job.

    Returns:
        Its final status and secondary status.

    Raises:
        _JobError: The algorithm failed.
        ApiError: Input that cannot be read, or output that cannot be written.
    """
    store = RoleStore(job["RoleArn"])
    _enter(job, "Downloading", "Downloading input data")
    files.write_configuration()
    files.download(store)
    if run.stopping.is_set():
        return "Stopped", "Stopped"

    _enter(job, "Training", "Training image download completed. Training in progress.")
    job["TrainingStartTime"] = time.time()
    log = LogStream("/aws/sagemaker/TrainingJobs", f"{job['TrainingJobName']}/algo-1-{int(time.time())}")
    metrics = Metrics(job["AlgorithmSpecification"].get("MetricDefinitions", []))

    def write(line: str) -> None:
        log.write(line)
        metrics.read(line)

    run.container = Container("train", files.root, job.get("Environment", {}), write)
    code, cut = _wait(run.container, run, job["StoppingCondition"]["MaxRuntimeInSeconds"])
    job["TrainingEndTime"] = time.time()
    job["FinalMetricDataList"] = metrics.final()
    if code != 0 and cut is None:
        text = files.failure() or (f"killed by {signal.Signals(-code).name}" if code < 0 else run.container.last_line)
        raise _JobError(f"AlgorithmError: {text}, exit code: {code if code > 0 else 128 - code}")
    if code == 0 or files.has_model():
        _enter(job, "Uploading", "Uploading generated training model")
        job["ModelArtifacts"] = {"S3ModelArtifacts": str(files.upload(store))}
    return cut or ("Completed", "Completed")


def _wait(container: Container, run: _Run, max_runtime: float) -> tuple[int, tuple[str, str] | None]:
    """Waits for the algorithm, or for what cuts it short.

    Returns:
        The exit code, and the job's final statuses if it was cut short.
    """
    deadline = time.monotonic() + max_runtime
    while True:
        try:
            return container.wait(0.05), None
        except subprocess.TimeoutExpired:
            cut = ("Stopped", "Stopped") if run.stopping.is_set() else None
            if time.monotonic() > deadline:
                cut = ("Stopped", "MaxRuntimeExceeded")
            if cut:
                container.stop(_STOP_GRACE)
                return container.wait(), cut


_MESSAGES = {
    "Completed": "Training job completed",
    "Failed": "Training job failed",
    "MaxRuntimeExceeded": "Training job runtime exceeded MaxRuntimeInSeconds provided",
    "Stopped": "Training job stopped",
}


def _enter(job: JsonObject, secondary: str, message: str) -> None:
    now = time.time()
    transitions: list[JsonObject] = job["SecondaryStatusTransitions"]
    if transitions:
        transitions[-1]["EndTime"] = now
    transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": message})
    job.update(SecondaryStatus=secondary, LastModifiedTime=now)
    changes.mark()


def _end(job: JsonObject, status: str, secondary: str, reason: str | None = None) -> None:
    _enter(job, secondary, _MESSAGES[secondary])
    job["SecondaryStatusTransitions"][-1]["EndTime"] = job["LastModifiedTime"]
    end = job.setdefault("TrainingEndTime", job["LastModifiedTime"])
    if "TrainingStartTime" in job:
        seconds = max(1, round(end - job["TrainingStartTime"]))
        job["TrainingTimeInSeconds"] = job["BillableTimeInSeconds"] = seconds
    if reason:
        job["FailureReason"] = reason[:1024]
    # Last: a client that polls must find a finished record.
    job["TrainingJobStatus"] = status
    changes.mark()
