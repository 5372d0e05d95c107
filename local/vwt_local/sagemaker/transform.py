"""Batch transform: a model's container, started for a job, answers for every record of some objects."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
import uuid
from pathlib import Path
from typing import Any

from ministack import app

from .. import changes, settings
from ..errors import ApiError
from ..http_pool import Answer
from ..json_service import JsonObject
from ..logs import LogStream
from ..objects import Location, RoleStore
from ..replica import Replica
from . import capacity, catalogue, deployments, images, jobs, outputs, transform_files
from .store import MODEL, TRANSFORM_JOB

_GROUP = "/aws/sagemaker/TransformJobs"
# "How SageMaker runs your image for batch transform": the settings where neither the job nor the container has any.
_DEFAULTS = {"MaxConcurrentTransforms": 1, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}
# By what the container and its environment call them.
_STRATEGIES = {"MULTI_RECORD": "MultiRecord", "SINGLE_RECORD": "SingleRecord"}
_TIMEOUT = 600
_SEEN = "See job logs for more information"


def create(request: JsonObject) -> JsonObject:
    """Serves CreateTransformJob. One process answers, whatever the InstanceCount.

    Raises:
        ApiError: ValidationException, ResourceInUse or ResourceLimitExceeded; there is no job then.
    """
    TRANSFORM_JOB.check_new(request["TransformJobName"])
    model = MODEL.get(request["ModelName"])
    transform_files.check(request)
    cluster = request["TransformResources"]
    capacity.check_quota("transform job", cluster["InstanceType"], cluster["InstanceCount"])
    record = TRANSFORM_JOB.add(
        {
            **request,
            "TransformJobStatus": "InProgress",
            # A copy, because a client may delete the model while the job runs.
            "_Model": {
                "Name": model["ModelName"],
                "Role": model["ExecutionRoleArn"],
                "IsInVpc": bool(model.get("VpcConfig")),
                **catalogue.container(model),
            },
        }
    )
    TransformJob(record).start()
    return {"TransformJobArn": record["TransformJobArn"]}


def stop(request: JsonObject) -> JsonObject:
    """Serves StopTransformJob: `Stopping`, then `Stopped`."""
    jobs.stop(TransformJob, request["TransformJobName"])
    changes.mark()
    return {}


class TransformJob(jobs.Job):
    """A transform job that runs."""

    kind = TRANSFORM_JOB
    noun = "transform"

    @property
    def root(self) -> Path:
        """A folder in the emulator's state."""
        return settings.current().transform / self.name

    @property
    def role(self) -> str:
        """The model's: a transform job has none."""
        return str(self.record["_Model"]["Role"])

    @property
    def cluster(self) -> JsonObject:
        """TransformResources."""
        return dict(self.record["TransformResources"])

    @property
    def network(self) -> JsonObject | None:
        """The model's, for which its role is asked with the model."""
        return None

    def perform(self) -> str:
        """Starts the model's container, asks it, and writes the answers.

        Raises:
            JobError: The container does not come up or fails, with SageMaker's texts.
        """
        instance = f"i-{uuid.uuid4().hex[:17]}"
        log = LogStream(_GROUP, f"{self.name}/{instance}", self.role)
        model = self.record["_Model"]
        image = images.of(model["Image"])
        environment = {
            **model.get("Environment", {}),
            **self.record.get("Environment", {}),
            **image.environment,
            "SAGEMAKER_BATCH": "true",
        }
        replica = Replica(image.program("serve"), self.root, environment, log.write)
        try:
            deployments.bring_up(replica, self.root, model)
            self.record["TransformStartTime"] = time.time()
            return self._transform(replica, LogStream(_GROUP, f"{self.name}/{instance}/data-log", self.role))
        except deployments.DeploymentError as error:
            raise jobs.JobError(f"ClientError: {error}") from error
        finally:
            replica.stop()

    def _transform(self, replica: Replica, log: LogStream) -> str:
        store, job = RoleStore(self.role), {**self.record, **self._settings(replica)}
        log.write(
            f"[sagemaker logs]: MaxConcurrentTransforms={job['MaxConcurrentTransforms']}, "
            f"MaxPayloadInMB={job['MaxPayloadInMB']}, BatchStrategy={job['BatchStrategy']}"
        )
        prefix = Location.parse(job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"])
        keys = store.list(prefix)
        if not keys:
            raise jobs.JobError(f"ClientError: No S3 objects found under S3 URL '{prefix}' given in input data source.")
        for key in keys:
            if self.stopping.is_set():
                return jobs.STOPPED
            body = store.get(Location(prefix.bucket, key))
            try:
                answers = _ask(replica, list(transform_files.requests(body, job)), job)
            except _RefusedError as error:
                log.write(f"[sagemaker logs]: {prefix.bucket}/{key}: {error}")
                raise jobs.JobError(f"{error.who}: {_SEEN}") from error
            except ApiError as error:
                log.write(f"[sagemaker logs]: {prefix.bucket}/{key}: {error.message}")
                raise jobs.JobError(f"ClientError: {_SEEN}") from error
            output = job["TransformOutput"]
            to = transform_files.output_of(key, job)
            outputs.put(store, to, transform_files.assembled(answers, job), output.get("KmsKeyId"))
        return jobs.COMPLETED

    def _settings(self, replica: Replica) -> JsonObject:
        """Returns how the container is to be asked: as the job says, else as the container says, else as AWS does."""
        told: JsonObject = {**_DEFAULTS, **_execution_parameters(replica)}
        told["BatchStrategy"] = _STRATEGIES.get(told["BatchStrategy"], "MultiRecord")
        named: JsonObject = {
            name: self.record[name] for name in ("BatchStrategy", "MaxPayloadInMB") if name in self.record
        }
        concurrent = self.record.get("MaxConcurrentTransforms") or told["MaxConcurrentTransforms"]
        return {**told, **named, "MaxConcurrentTransforms": concurrent}

    def end(self, outcome: str, reason: str | None = None) -> None:
        """Finishes times and status."""
        job = self.record
        job["TransformEndTime"] = time.time()
        if reason:
            job["FailureReason"] = reason[:1024]
        # Last: a client that polls must find a finished record.
        job["TransformJobStatus"] = jobs.status_of(outcome)
        changes.mark()


class _RefusedError(Exception):
    """The container answers with an error; `who` is at fault, in SageMaker's words."""

    def __init__(self, text: str, who: str) -> None:
        super().__init__(text)
        self.who = who


def _execution_parameters(replica: Replica) -> JsonObject:
    """Asks the container how it wants to be asked; nothing where it does not say."""
    if replica.pool is None:
        return {}
    connection = http.client.HTTPConnection("127.0.0.1", replica.pool.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", "/execution-parameters")
        answer = connection.getresponse()
        told: Any = json.loads(answer.read()) if answer.status == 200 else {}
    except (OSError, ValueError):
        return {}
    finally:
        connection.close()
    return {name: told[name] for name in _DEFAULTS if name in told}


def _ask(replica: Replica, bodies: list[bytes], job: JsonObject) -> list[bytes]:
    """Sends all requests of an object, some at once; returns the answers in the order of the requests. Blocks."""
    data, output = job["TransformInput"], job["TransformOutput"]
    headers = {"Content-Type": data.get("ContentType", "application/octet-stream")}
    if accept := output.get("Accept"):
        headers["Accept"] = accept

    async def ask_all() -> list[Answer]:
        turns = asyncio.Semaphore(job["MaxConcurrentTransforms"])

        async def ask(body: bytes) -> Answer:
            async with turns:
                if replica.pool is None:
                    raise _RefusedError("Unable to get response from algorithm", "AlgorithmError")
                return await replica.pool.post("/invocations", headers, body)

        return await asyncio.gather(*map(ask, bodies))

    try:
        answers = asyncio.run_coroutine_threadsafe(ask_all(), app._MAIN_LOOP).result()
    except (OSError, asyncio.IncompleteReadError) as error:
        raise _RefusedError("Unable to get response from algorithm", "AlgorithmError") from error
    for answer in answers:
        if answer.status != 200:
            who = "ClientError" if answer.status < 500 else "AlgorithmError"
            raise _RefusedError(f"Bad HTTP status received from algorithm: {answer.status}", who)
    return [answer.body for answer in answers]
