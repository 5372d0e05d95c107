"""Training jobs: the API and the life of a job from `Starting` to its end."""

from __future__ import annotations

import time
from pathlib import Path

from .. import changes, iam, settings
from ..errors import validation_error
from ..json_service import JsonObject
from ..logs import LogStream
from ..objects import Location, RoleStore
from ..processes import Container
from . import capacity, images, jobs, training_files
from .metrics import BUILT_IN_METRICS, Metrics
from .store import TRAINING_JOB

_MESSAGES = {
    jobs.COMPLETED: "Training job completed",
    jobs.FAILED: "Training job failed",
    jobs.OVERDUE: "Training job runtime exceeded MaxRuntimeInSeconds provided",
    jobs.STOPPED: "Training job stopped",
}


def create(request: JsonObject) -> JsonObject:
    """CreateTrainingJob. The job runs as one process, whatever its InstanceCount: sharded input arrives whole.

    Raises:
        ApiError: ValidationException, ResourceInUse or ResourceLimitExceeded; there is no job then.
    """
    TRAINING_JOB.check_new(request["TrainingJobName"])
    algorithm = request.get("AlgorithmSpecification") or {}
    image = algorithm.get("TrainingImage", "")
    images.check(image)
    cluster = request.get("ResourceConfig") or {}
    if not {"InstanceType", "InstanceCount"} <= cluster.keys():
        raise validation_error("The local emulator needs ResourceConfig.InstanceType and InstanceCount.")
    capacity.check_quota("training job", cluster["InstanceType"], cluster["InstanceCount"])
    if "MaxRuntimeInSeconds" not in (request.get("StoppingCondition") or {}):
        raise validation_error("StoppingCondition.MaxRuntimeInSeconds is required.")
    iam.require_assumable(request["RoleArn"], "sagemaker.amazonaws.com")
    Location.parse(request["OutputDataConfig"]["S3OutputPath"])
    if images.is_built_in(image) and "MetricDefinitions" not in algorithm:
        algorithm = {**algorithm, "MetricDefinitions": BUILT_IN_METRICS}
    record = TRAINING_JOB.add(
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
    _enter(record, "Starting", "Preparing the instances for training")
    TrainingJob(record).start()
    return {"TrainingJobArn": record["TrainingJobArn"]}


def stop(request: JsonObject) -> JsonObject:
    """StopTrainingJob: `Stopping`, then `Stopped`."""
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

    def perform(self) -> str:
        """Trains."""
        job, files = self.record, training_files.Files(self.root, self.record)
        store = RoleStore(job["RoleArn"])
        _enter(job, "Downloading", "Downloading input data")
        files.write_configuration()
        files.download(store)
        if self.stopping.is_set():
            return jobs.STOPPED

        _enter(job, "Training", "Training image download completed. Training in progress.")
        job["TrainingStartTime"] = time.time()
        log = LogStream("/aws/sagemaker/TrainingJobs", f"{self.name}/algo-1-{int(time.time())}")
        metrics = Metrics(job["AlgorithmSpecification"].get("MetricDefinitions", []))

        def write(line: str) -> None:
            log.write(line)
            metrics.read(line)

        container = Container("train", self.root, job.get("Environment", {}), write)
        code, cut = self.run(container, job["StoppingCondition"]["MaxRuntimeInSeconds"])
        job["TrainingEndTime"] = time.time()
        job["FinalMetricDataList"] = metrics.final()
        if code != 0 and cut is None:
            text = files.failure() or jobs.killed_by(code) or container.last_line
            raise jobs.JobError(f"AlgorithmError: {text}, exit code: {jobs.exit_code(code)}")
        if code == 0 or files.has_model():
            _enter(job, "Uploading", "Uploading generated training model")
            job["ModelArtifacts"] = {"S3ModelArtifacts": str(files.upload(store))}
        return cut or jobs.COMPLETED

    def end(self, outcome: str, reason: str | None = None) -> None:
        """Finishes times and statuses."""
        job = self.record
        _enter(job, outcome, _MESSAGES[outcome])
        job["SecondaryStatusTransitions"][-1]["EndTime"] = job["LastModifiedTime"]
        end = job.setdefault("TrainingEndTime", job["LastModifiedTime"])
        if "TrainingStartTime" in job:
            seconds = max(1, round(end - job["TrainingStartTime"]))
            job["TrainingTimeInSeconds"] = job["BillableTimeInSeconds"] = seconds
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
