"""Processing jobs: the API and the life of a job, whose program comes as one of its inputs."""

from __future__ import annotations

import time
from pathlib import Path

from .. import changes, settings
from ..errors import validation_error
from ..json_service import JsonObject
from ..logs import LogStream
from ..objects import RoleStore
from ..processes import Container
from ..roles import acts, table
from . import capacity, images, jobs, processing_files
from .store import PROCESSING_JOB

# "The default is 1 day": ProcessingStoppingCondition.
_MAX_RUNTIME = 86_400
# CreateProcessingJob: AppSpecification.ContainerArguments.
_MAX_ARGUMENTS, _MAX_ARGUMENT_LENGTH = 100, 256


def create(request: JsonObject) -> JsonObject:
    """Serves CreateProcessingJob. The job runs as one process, whatever its InstanceCount.

    Raises:
        ApiError: ValidationException, ResourceInUse or ResourceLimitExceeded; there is no job then.
    """
    PROCESSING_JOB.check_new(request["ProcessingJobName"])
    application = request["AppSpecification"]
    images.check(application["ImageUri"])
    arguments = application.get("ContainerArguments", [])
    if len(arguments) > _MAX_ARGUMENTS or any(len(argument) > _MAX_ARGUMENT_LENGTH for argument in arguments):
        raise validation_error(
            f"AppSpecification.ContainerArguments takes {_MAX_ARGUMENTS} arguments of at most {_MAX_ARGUMENT_LENGTH} "
            "characters each."
        )
    processing_files.check(request)
    cluster = request["ProcessingResources"]["ClusterConfig"]
    if not {"InstanceType", "InstanceCount"} <= cluster.keys():
        raise validation_error("The local emulator needs ClusterConfig.InstanceType and InstanceCount.")
    capacity.check_quota("processing job", cluster["InstanceType"], cluster["InstanceCount"])
    record = PROCESSING_JOB.add(
        {
            "StoppingCondition": {"MaxRuntimeInSeconds": _MAX_RUNTIME},
            **request,
            "ProcessingJobStatus": "InProgress",
            "LastModifiedTime": time.time(),
        }
    )
    ProcessingJob(record).start()
    return {"ProcessingJobArn": record["ProcessingJobArn"]}


def stop(request: JsonObject) -> JsonObject:
    """Serves StopProcessingJob: `Stopping`, then `Stopped`."""
    jobs.stop(ProcessingJob, request["ProcessingJobName"])["LastModifiedTime"] = time.time()
    changes.mark()
    return {}


class ProcessingJob(jobs.Job):
    """A processing job that runs."""

    kind = PROCESSING_JOB
    noun = "processing"

    @property
    def root(self) -> Path:
        """A folder in the emulator's state."""
        return settings.current().processing / self.name

    @property
    def cluster(self) -> JsonObject:
        """ClusterConfig."""
        return dict(self.record["ProcessingResources"]["ClusterConfig"])

    @property
    def network(self) -> JsonObject | None:
        """VpcConfig."""
        return dict(self.record.get("NetworkConfig") or {}).get("VpcConfig")

    def perform(self) -> str:
        """Runs the program and, when it ends well, uploads its output.

        Raises:
            JobError: With SageMaker's text, which has no cause: the program's own words are the ExitMessage.
        """
        job, files = self.record, processing_files.Files(self.root, self.record)
        acts.require(table.PROCESSING_IMAGE, job["RoleArn"], **images.parts(job["AppSpecification"]["ImageUri"]))
        store = RoleStore(job["RoleArn"])
        files.write_configuration()
        files.download(store)
        if self.stopping.is_set():
            return jobs.STOPPED

        job["ProcessingStartTime"] = time.time()
        log = LogStream("/aws/sagemaker/ProcessingJobs", f"{self.name}/algo-1-{int(time.time())}", job["RoleArn"])
        environment = {**job.get("Environment", {}), "PROCESSING_JOB_ARN": job["ProcessingJobArn"]}
        program, *arguments = files.command()
        container = Container(Path(program), self.root, environment, log.write, arguments)
        code, cut = self.run(container, job["StoppingCondition"]["MaxRuntimeInSeconds"])
        job["ProcessingEndTime"] = time.time()
        if message := files.message():
            job["ExitMessage"] = message
        if cut:
            return cut
        if code != 0:
            raise jobs.JobError(f"AlgorithmError: {jobs.killed_by(code) or ''}, exit code: {jobs.exit_code(code)}")
        files.upload(store)
        return jobs.COMPLETED

    def end(self, outcome: str, reason: str | None = None) -> None:
        """Finishes times and status."""
        job = self.record
        job["LastModifiedTime"] = time.time()
        job.setdefault("ProcessingEndTime", job["LastModifiedTime"])
        if reason:
            job["FailureReason"] = reason[:1024]
        # Last: a client that polls must find a finished record.
        job["ProcessingJobStatus"] = jobs.status_of(outcome)
        changes.mark()
