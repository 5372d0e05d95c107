from __future__ import annotations

import os
import signal
import time
from typing import Any

import pytest

import emulator as e
from test_capacity import CAPACITY, scarce
from test_training import LONG, start

__all__ = ["scarce"]

# Enough rounds to be interrupted, few enough to end soon.
ROUNDS = 1500
ROUND_BY_ROUND = {**LONG, "num_round": str(ROUNDS), "max_depth": "1"}


def spot(wait: int = 3600, run: int = 3600) -> dict[str, Any]:
    return {
        "EnableManagedSpotTraining": True,
        "StoppingCondition": {"MaxRuntimeInSeconds": run, "MaxWaitTimeInSeconds": wait},
    }


def kept(name: str) -> dict[str, Any]:
    return {"CheckpointConfig": {"S3Uri": f"s3://{e.BUCKET}/{name}/checkpoints"}}


def checkpoints(emulator: e.Emulator, name: str) -> list[str]:
    answer = emulator.client("s3").list_objects_v2(Bucket=e.BUCKET, Prefix=f"{name}/checkpoints/")
    return [entry["Key"].rsplit("/", 1)[-1] for entry in answer.get("Contents", [])]


def described(emulator: e.Emulator, name: str) -> dict[str, Any]:
    answer: dict[str, Any] = emulator.client("sagemaker").describe_training_job(TrainingJobName=name)
    return answer


def lines(emulator: e.Emulator, name: str) -> list[str]:
    """Returns what the last attempt of a job printed."""
    logs, group = emulator.client("logs"), "/aws/sagemaker/TrainingJobs"
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/algo-1-")["logStreams"]
    stream = max(stream["logStreamName"] for stream in streams)
    events = logs.get_log_events(logGroupName=group, logStreamName=stream, limit=10_000, startFromHead=True)["events"]
    return [event["message"] for event in events]


@pytest.mark.parametrize("with_signal", [signal.SIGTERM, signal.SIGKILL])
def test_goes_on_from_its_checkpoints_on_another_instance(
    scarce: e.Emulator, ml_role: str, with_signal: signal.Signals
) -> None:
    emulator, name = scarce, f"spot-{with_signal.name.lower()}"
    e.put_training_data(emulator, name)
    own = e.own_image(emulator, name)
    start(emulator, name, ml_role, HyperParameters=ROUND_BY_ROUND, **spot(), **kept(name), **own)
    e.wait_until(lambda: len(checkpoints(emulator, name)) == 3)
    emulator.put(CAPACITY, {"ml.m5.large": 0})
    os.kill(emulator.pids("training", name)[0], with_signal)
    e.wait_until(lambda: len(described(emulator, name)["SecondaryStatusTransitions"]) == 5)
    interrupted = time.monotonic()
    assert described(emulator, name)["TrainingJobStatus"] == "InProgress"
    time.sleep(1)
    paused = time.monotonic() - interrupted
    emulator.put(CAPACITY, {})
    job = e.finished_job(emulator, name)
    assert [t["Status"] for t in job["SecondaryStatusTransitions"]] == [
        *("Starting", "Downloading", "Training", "Interrupted"),
        *("Starting", "Downloading", "Training", "Uploading", "Completed"),
    ], job.get("FailureReason")
    first, *rounds = lines(emulator, name)
    done = int(first.removeprefix("Training goes on from the checkpoint of ").removesuffix(" rounds."))
    assert [int(line[1 : line.index("]")]) for line in rounds] == list(range(done, ROUNDS))
    assert 0 < job["BillableTimeInSeconds"] <= job["TrainingTimeInSeconds"]
    total = (job["TrainingEndTime"] - job["TrainingStartTime"]).total_seconds()
    # In whole seconds, and at least one.
    assert job["TrainingTimeInSeconds"] <= max(1, total - paused + 0.5)


def test_is_interrupted_once_only(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "spot-twice")
    start(emulator, "spot-twice", ml_role, HyperParameters=LONG, **spot())
    killed = 0
    for _ in range(2):
        e.wait_until(lambda before=killed: emulator.pids("training", "spot-twice") not in ([], [before]))  # type: ignore[misc]
        (killed,) = emulator.pids("training", "spot-twice")
        os.kill(killed, signal.SIGKILL)
    job = e.finished_job(emulator, "spot-twice")
    assert job["FailureReason"] == "AlgorithmError: killed by SIGKILL, exit code: 137"


def test_another_job_goes_on_where_a_failed_one_was(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "kept")
    endless = {**ROUND_BY_ROUND, "num_round": LONG["num_round"]}
    own = e.own_image(emulator, "kept")
    start(emulator, "kept", ml_role, HyperParameters=endless, **kept("kept"), **own)
    e.wait_until(lambda: checkpoints(emulator, "kept"))
    os.kill(emulator.pids("training", "kept")[0], signal.SIGKILL)
    assert e.finished_job(emulator, "kept")["TrainingJobStatus"] == "Failed"
    sagemaker = emulator.client("sagemaker")
    request = e.training_request("kept", ml_role, HyperParameters=ROUND_BY_ROUND, **kept("kept"), **own)
    sagemaker.create_training_job(**{**request, "TrainingJobName": "kept-again"})
    job = e.finished_job(emulator, "kept-again")
    assert job["TrainingJobStatus"] == "Completed"
    assert job["CheckpointConfig"] == request["CheckpointConfig"]
    assert lines(emulator, "kept-again")[0].startswith("Training goes on from the checkpoint of ")


def test_waits_for_an_instance_and_not_for_ever(scarce: e.Emulator, ml_role: str) -> None:
    scarce.put(CAPACITY, {"ml.m5.large": 0})
    start(scarce, "spot-none", ml_role, **spot(1, 1))
    start(scarce, "spot-stopped", ml_role, **spot())
    scarce.client("sagemaker").stop_training_job(TrainingJobName="spot-stopped")
    job = e.finished_job(scarce, "spot-none")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "MaxWaitTimeExceeded")
    assert e.finished_job(scarce, "spot-stopped")["SecondaryStatus"] == "Stopped"


def test_refuses_what_aws_refuses(emulator: e.Emulator, ml_role: str) -> None:
    present = "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds"
    on_demand = "Invalid MaxWaitTimeInSeconds. It is only supported when EnableManagedSpotTraining is set to true"
    outside = {"CheckpointConfig": {**kept("x")["CheckpointConfig"], "LocalPath": "/tmp/checkpoints"}}  # noqa: S108
    for changes, cause in (
        ({"EnableManagedSpotTraining": True}, present),
        (spot(3599), present),
        ({**spot(), "EnableManagedSpotTraining": False}, on_demand),
        (outside, "/opt/ml"),
    ):
        code, message = e.error_of(lambda changes=changes: start(emulator, "x", ml_role, **changes))  # type: ignore[misc]
        assert (code, cause in message) == ("ValidationException", True), message


def test_the_role_must_be_able_to_keep_checkpoints(emulator: e.Emulator) -> None:
    role = e.role(
        emulator,
        "keeps-nothing",
        "sagemaker.amazonaws.com",
        *e.ml_grants("s3:PutObject"),
        ("s3:PutObject", f"arn:aws:s3:::{e.BUCKET}/*/output/*"),
    )
    e.put_training_data(emulator, "unkept")
    parameters = {"objective": "binary:logistic", "num_round": "10", "nthread": "1"}
    start(emulator, "unkept", role, HyperParameters=parameters, **kept("unkept"))
    reason = e.finished_job(emulator, "unkept")["FailureReason"]
    assert reason.startswith("ClientError: ")
    assert f"s3:PutObject on resource: arn:aws:s3:::{e.BUCKET}/unkept/checkpoints/" in reason.replace('"', "")
