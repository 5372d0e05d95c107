"""Training jobs: the API and the life of a job from `Starting` to its end."""

from __future__ import annotations

import shutil
import signal
import time
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from .. import changes, settings
from ..errors import validation_error
from ..json_service import JsonObject
from ..logs import LogStream
from ..objects import Location, RoleStore
from ..processes import Container
from ..roles import acts, table
from . import capacity, checkpoints, images, jobs, metrics, spot, training_files
from .store import TRAINING_JOB

_MESSAGES = {
    jobs.COMPLETED: "Training job completed",
    jobs.FAILED: "Training job failed",
    jobs.OVERDUE: "Training job runtime exceeded MaxRuntimeInSeconds provided",
    jobs.WAITED: "Training job wait time exceeded MaxWaitTimeInSeconds provided",
    jobs.STOPPED: "Training job stopped",
}
# The signal that ends the program when a spot instance is taken away.
_INTERRUPTIONS = (-signal.SIGTERM, -signal.SIGKILL)
_LOOK_SECONDS = 0.05


class _Ended(NamedTuple):
    """The end of a program: its exit code, what cut it short, the last line it printed."""

    code: int
    cut: str | None
    last_line: str


def create(request: JsonObject) -> JsonObject:
    """Serves CreateTrainingJob. The job runs as one process, whatever its InstanceCount: sharded input arrives whole.

    Raises:
        ApiError: ValidationException, ResourceInUse or ResourceLimitExceeded; there is no job then.
    """
    TRAINING_JOB.check_new(request["TrainingJobName"])
    definitions = check(request)
    record = TRAINING_JOB.add(
        {
            "EnableNetworkIsolation": False,
            "EnableInterContainerTrafficEncryption": False,
            "EnableManagedSpotTraining": False,
            **request,
            "AlgorithmSpecification": {**request["AlgorithmSpecification"], "MetricDefinitions": definitions},
            "ModelArtifacts": {"S3ModelArtifacts": ""},
            "TrainingJobStatus": "InProgress",
            "SecondaryStatusTransitions": [],
        }
    )
    _enter(record, "Starting", "Preparing the instances for training")
    TrainingJob(record).start()
    return {"TrainingJobArn": record["TrainingJobArn"]}


def check(request: JsonObject) -> list[JsonObject]:
    """Refuses a job that cannot be, whatever its name.

    Returns:
        The definitions of its metrics.

    Raises:
        ApiError: ValidationException or ResourceLimitExceeded.
    """
    algorithm = request.get("AlgorithmSpecification") or {}
    image = algorithm.get("TrainingImage", "")
    images.check(image)
    cluster = request.get("ResourceConfig") or {}
    if not {"InstanceType", "InstanceCount"} <= cluster.keys():
        raise validation_error("The local emulator needs ResourceConfig.InstanceType and InstanceCount.")
    capacity.check_quota("training job", cluster["InstanceType"], cluster["InstanceCount"])
    spot.check(request)
    checkpoints.check(request.get("CheckpointConfig"))
    acts.require(table.TRAINING_IMAGE, request["RoleArn"], **images.parts(image))
    Location.parse(request["OutputDataConfig"]["S3OutputPath"])
    return metrics.definitions(image, algorithm.get("MetricDefinitions"))


def stop(request: JsonObject) -> JsonObject:
    """Serves StopTrainingJob: `Stopping`, then `Stopped`."""
    _enter(jobs.stop(TrainingJob, request["TrainingJobName"]), "Stopping", "Stopping the training job")
    return {}


class TrainingJob(jobs.Job):
    """A training job that runs."""

    kind = TRAINING_JOB
    noun = "training"

    @property
    def root(self) -> Path:
        """A folder in the emulator's state."""
        return settings.current().training / self.name

    @property
    def cluster(self) -> JsonObject:
        """ResourceConfig."""
        return dict(self.record["ResourceConfig"])

    @property
    def network(self) -> JsonObject | None:
        """VpcConfig."""
        return self.record.get("VpcConfig")

    def wait_for_instances(self) -> str | None:
        """Waits until there are instances, which only a spot job does."""
        if not spot.is_spot(self.record):
            return super().wait_for_instances()
        while not capacity.is_available(self.cluster):
            if self.stopping.wait(_LOOK_SECONDS):
                return jobs.STOPPED
            if spot.seconds_to_wait(self.record) < 0:
                return jobs.WAITED
        return None

    def perform(self) -> str:
        """Trains; a spot job whose instance is taken away, which a signal stands for, gets another one, once."""
        job = self.record
        store = RoleStore(job["RoleArn"])
        seen = metrics.Metrics(job["AlgorithmSpecification"]["MetricDefinitions"])
        ended = self._attempt(store, seen)
        if spot.is_spot(job) and ended.cut is None and ended.code in _INTERRUPTIONS:
            _enter(job, "Interrupted", "Training job interrupted")
            interrupted = time.time()
            shutil.rmtree(self.root)
            _enter(job, "Starting", "Preparing the instances for training")
            if cut := self.wait_for_instances():
                return cut
            job["_PausedSeconds"] = time.time() - interrupted
            ended = self._attempt(store, seen)
        files = self._files
        if ended.code != 0 and ended.cut is None:
            text = files.failure() or jobs.killed_by(ended.code) or ended.last_line
            raise jobs.JobError(f"AlgorithmError: {text}, exit code: {jobs.exit_code(ended.code)}")
        if ended.code == 0 or files.has_model():
            _enter(job, "Uploading", "Uploading generated training model")
            job["ModelArtifacts"] = {"S3ModelArtifacts": str(files.upload(store))}
        return ended.cut or jobs.COMPLETED

    @property
    def _files(self) -> training_files.Files:
        return training_files.Files(self.root, self.record)

    def _attempt(self, store: RoleStore, seen: metrics.Metrics) -> _Ended:
        """Runs the program on an instance that holds nothing yet."""
        job, files = self.record, self._files
        _enter(job, "Downloading", "Downloading input data")
        files.write_configuration()
        files.download(store)
        config = job.get("CheckpointConfig")
        kept = checkpoints.Checkpoints(config, self.root, store) if config else None
        if kept:
            kept.restore()
        if self.stopping.is_set():
            return _Ended(-signal.SIGTERM, jobs.STOPPED, "")

        _enter(job, "Training", "Training image download completed. Training in progress.")
        job.setdefault("TrainingStartTime", time.time())
        log = LogStream("/aws/sagemaker/TrainingJobs", f"{self.name}/algo-1-{int(time.time())}", job["RoleArn"])

        def write(line: str) -> None:
            log.write(line)
            seen.read(line)

        with kept.kept() if kept else nullcontext():
            image = images.of(job["AlgorithmSpecification"]["TrainingImage"])
            environment = {**job.get("Environment", {}), **image.environment}
            container = Container(image.program("train"), self.root, environment, write)
            code, cut = self.run(container, *spot.limit(job))
        job["TrainingEndTime"] = time.time()
        job["FinalMetricDataList"] = seen.final()
        return _Ended(code, cut, container.last_line)

    def end(self, outcome: str, reason: str | None = None) -> None:
        """Finishes times and statuses."""
        job = self.record
        _enter(job, outcome, _MESSAGES[outcome])
        job["SecondaryStatusTransitions"][-1]["EndTime"] = job["LastModifiedTime"]
        end = job.setdefault("TrainingEndTime", job["LastModifiedTime"])
        if "TrainingStartTime" in job:
            seconds = max(1, round(end - job["TrainingStartTime"] - job.get("_PausedSeconds", 0)))
            job["TrainingTimeInSeconds"] = seconds
            job["BillableTimeInSeconds"] = spot.billable(job, seconds)
        if reason:
            job["FailureReason"] = reason[:1024]
        # Last: a client that polls must find a finished record.
        job["TrainingJobStatus"] = jobs.status_of(outcome)
        changes.mark()


def _enter(job: JsonObject, secondary: str, message: str) -> None:
    now = time.time()
    transitions: list[JsonObject] = job["SecondaryStatusTransitions"]
    if transitions:
        transitions[-1]["EndTime"] = now
    transitions.append({"Status": secondary, "StartTime": now, "StatusMessage": message})
    job.update(SecondaryStatus=secondary, LastModifiedTime=now)
    changes.mark()
