"""Runs jobs, by what training and processing have in common: a thread, a program, and ways to be cut short."""

from __future__ import annotations

import logging
import shutil
import signal
import subprocess
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from .. import keys, threads
from ..errors import ApiError, validation_error
from ..json_service import JsonObject
from ..processes import Container
from ..roles import acts, table
from . import capacity
from .store import INTERRUPTED, Kind

_log = logging.getLogger(__name__)

# "SageMaker sends the algorithm SIGTERM, which delays termination for 120 seconds": StopTrainingJob; the same for
# StopProcessingJob.
_STOP_GRACE = 120.0
_TERMINAL = ("Completed", "Failed", "Stopped")

# How a job ends; the status of one that took too long is `Stopped`.
COMPLETED, FAILED, STOPPED = "Completed", "Failed", "Stopped"
OVERDUE, WAITED = "MaxRuntimeExceeded", "MaxWaitTimeExceeded"


class JobError(Exception):
    """A job that fails; the text is its FailureReason."""


class Job(ABC):
    """A job that runs.

    Attributes:
        kind: The kind of the job's record.
        noun: The kind's name for people and `/_vwt/processes`.
        record: What Describe shows of the job.
        stopping: Set when somebody asked for its end.
        container: Its program, once it runs.
    """

    kind: ClassVar[Kind]
    noun: ClassVar[str]

    def __init__(self, record: JsonObject) -> None:
        self.record = record
        self.stopping = threading.Event()
        self.container: Container | None = None

    @property
    def name(self) -> str:
        """The job's name."""
        return str(self.record[f"{self.kind.name}Name"])

    @property
    def role(self) -> str:
        """The ARN of the role that it runs with."""
        return str(self.record["RoleArn"])

    @property
    @abstractmethod
    def root(self) -> Path:
        """The folder that stands for `/opt/ml`; removed at the end."""

    @property
    @abstractmethod
    def cluster(self) -> JsonObject:
        """The instances it asks for."""

    @property
    @abstractmethod
    def network(self) -> JsonObject | None:
        """The VPC that its instances are in, if they are in one of the caller's."""

    def _ask_role(self) -> None:
        """Asks the role for what SageMaker does with the instances before the program runs.

        Raises:
            JobError: The role may not do it.
        """
        role = self.role
        try:
            if key := keys.arn_of(self.cluster.get("VolumeKmsKeyId")):
                acts.require(table.VOLUME, role, volume_key=key)
            if self.network:
                acts.require(table.JOB_NETWORK, role)
        except ApiError as error:
            raise JobError(error.message) from error
        acts.may(table.METRICS[f"{self.kind.name}s"], role)

    def wait_for_instances(self) -> str | None:
        """Waits for the instances of the cluster; the job ends when they are not there at once. May block.

        Returns:
            How the job ended without any, if it did.

        Raises:
            JobError: There are none.
        """
        if not capacity.is_available(self.cluster):
            raise JobError(capacity.UNAVAILABLE)
        return None

    @abstractmethod
    def perform(self) -> str:
        """Runs the job. Blocks.

        Returns:
            How it ended.

        Raises:
            JobError: The program failed.
            ApiError: Input that cannot be read, or output that cannot be written.
        """

    @abstractmethod
    def end(self, outcome: str, reason: str | None = None) -> None:
        """Finishes the record."""

    def start(self) -> None:
        """Runs the job in a thread of its own."""
        _running[self.record[f"{self.kind.name}Arn"]] = self
        threads.start(self._work)

    def _work(self) -> None:
        try:
            self._ask_role()
            self.end(self.wait_for_instances() or self.perform())
        except JobError as error:
            self.end(FAILED, str(error))
        except ApiError as error:
            self.end(FAILED, f"ClientError: {error.message}")
        except Exception as error:
            _log.exception("The %s job %s failed", self.noun, self.name)
            self.end(FAILED, f"InternalServerError: {error}")
        finally:
            shutil.rmtree(self.root, ignore_errors=True)
            _running.pop(self.record[f"{self.kind.name}Arn"], None)

    def run(self, container: Container, seconds: float, overdue: str = OVERDUE) -> tuple[int, str | None]:
        """Waits for the program, or for what cuts it short. Blocks.

        Args:
            container: The program.
            seconds: After which it is stopped.
            overdue: The status of a job that takes longer.

        Returns:
            The exit code, negative for a signal, and what cut the program short, if anything did.
        """
        self.container = container
        deadline = time.monotonic() + seconds
        while True:
            try:
                return container.wait(0.05), None
            except subprocess.TimeoutExpired:
                cut = STOPPED if self.stopping.is_set() else None
                if time.monotonic() > deadline:
                    cut = overdue
                if cut:
                    container.stop(_STOP_GRACE)
                    return container.wait(), cut


# By ARN.
_running: dict[str, Job] = {}


def running() -> list[tuple[str, str, Container]]:
    """Returns the programs that run now, with the noun and the name of their jobs."""
    return [(job.noun, job.name, job.container) for job in list(_running.values()) if job.container]


def status_of(outcome: str) -> str:
    """Returns the status of a job by the way it ended."""
    return STOPPED if outcome in (OVERDUE, WAITED) else outcome


def is_over(kind: Kind, record: JsonObject) -> bool:
    """Tells whether a job has ended."""
    return record[f"{kind.name}Status"] in _TERMINAL


def exit_code(code: int) -> int:
    """Converts a program's end to a container's exit code: that of a shell for a signal."""
    return code if code >= 0 else 128 - code


def killed_by(code: int) -> str | None:
    """Returns the name of the signal that ended a program, if one did."""
    return f"killed by {signal.Signals(-code).name}" if code < 0 else None


def stop(job: type[Job], name: str) -> JsonObject:
    """Serves `Stop<kind>`: asks for the end of a job.

    Returns:
        The job's record.

    Raises:
        ApiError: There is none, or it has ended.
    """
    record = job.kind.get(name)
    if is_over(job.kind, record):
        status = record[f"{job.kind.name}Status"]
        raise validation_error(f"The request was rejected because the {job.noun} job is in status {status}.")
    record[f"{job.kind.name}Status"] = "Stopping"
    _running[record[f"{job.kind.name}Arn"]].stopping.set()
    return record


def fail_interrupted(job: type[Job]) -> None:
    """Ends the jobs of a kind that ran when the emulator ended, and removes their files."""
    for record in job.kind.records.all_values():
        if not is_over(job.kind, record):
            interrupted = job(record)
            shutil.rmtree(interrupted.root, ignore_errors=True)
            interrupted.end(FAILED, INTERRUPTED)
