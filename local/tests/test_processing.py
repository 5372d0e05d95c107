from __future__ import annotations

import json
import os
import signal
from typing import Any

import emulator as e
from test_states import SAGEMAKER, run, started

PROCESSING = "arn:aws:states:::sagemaker:createProcessingJob.sync"

# Copies its input to its output by the paths of its arguments, and says what it sees.
COPY = """
import json, os, pathlib, sys
root = pathlib.Path(os.environ["SM_ML_ROOT"])
source, target = sys.argv[1], sys.argv[2].removeprefix("--to=")
print("copying", os.environ["WHAT"], flush=True)
config = json.loads((root / "config" / "processingjobconfig.json").read_text())
assert config["ProcessingJobArn"] == os.environ["PROCESSING_JOB_ARN"]
for path in pathlib.Path(source).rglob("*.csv"):
    copy = pathlib.Path(target) / path.relative_to(source)
    copy.parent.mkdir(exist_ok=True)
    copy.write_text(path.read_text())
"""
FAIL = """
import os, pathlib, sys
folder = pathlib.Path(os.environ["SM_ML_ROOT"]) / "output"
folder.mkdir()
(folder / "message").write_text("The test data has no rows." + 2000 * "!")
sys.exit(3)
"""
SLEEP = "import time; time.sleep(600)"


def request(name: str, role_arn: str, **changes: Any) -> dict[str, Any]:
    """Makes a CreateProcessingJob request whose program is `<name>/code/main.py` and whose input is `<name>/data/`."""
    places = {"code": f"s3://{e.BUCKET}/{name}/code/main.py", "data": f"s3://{e.BUCKET}/{name}/data/"}
    inputs = [
        {
            "InputName": place,
            "S3Input": {
                "S3Uri": uri,
                "LocalPath": f"/opt/ml/processing/{place}",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }
        for place, uri in places.items()
    ]
    output = {
        "S3Uri": f"s3://{e.BUCKET}/{name}/out",
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    return {
        "ProcessingJobName": name,
        "RoleArn": role_arn,
        "AppSpecification": {
            "ImageUri": e.IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/code/main.py"],
            "ContainerArguments": ["/opt/ml/processing/data", "--to=/opt/ml/processing/output"],
        },
        "Environment": {"WHAT": "rows"},
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {"Outputs": [{"OutputName": "report", "S3Output": output}]},
        "ProcessingResources": {
            "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}
        },
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **changes,
    }


def put(emulator: e.Emulator, name: str, program: str) -> None:
    s3 = emulator.client("s3")
    s3.put_object(Bucket=e.BUCKET, Key=f"{name}/code/main.py", Body=program)
    s3.put_object(Bucket=e.BUCKET, Key=f"{name}/data/a.csv", Body="1\n")
    s3.put_object(Bucket=e.BUCKET, Key=f"{name}/data/deep/b.csv", Body="2\n")


def described(emulator: e.Emulator, name: str) -> dict[str, Any]:
    job: dict[str, Any] = emulator.client("sagemaker").describe_processing_job(ProcessingJobName=name)
    return job


def finished(emulator: e.Emulator, name: str) -> dict[str, Any]:
    e.wait_until(lambda: described(emulator, name)["ProcessingJobStatus"] in ("Completed", "Failed", "Stopped"))
    return described(emulator, name)


def start(emulator: e.Emulator, name: str, role_arn: str, program: str = COPY, **changes: Any) -> None:
    put(emulator, name, program)
    emulator.client("sagemaker").create_processing_job(**request(name, role_arn, **changes))


def test_runs_the_program_that_is_an_input(emulator: e.Emulator, ml_role: str) -> None:
    start(emulator, "copy", ml_role, Tags=[{"Key": "run", "Value": "1"}])
    job = finished(emulator, "copy")
    assert job["ProcessingJobStatus"] == "Completed", job
    assert job["ProcessingEndTime"] >= job["ProcessingStartTime"] >= job["CreationTime"]
    assert job["ProcessingInputs"] == request("copy", ml_role)["ProcessingInputs"]
    s3 = emulator.client("s3")
    bodies = [s3.get_object(Bucket=e.BUCKET, Key=f"copy/out/{key}")["Body"].read() for key in ("a.csv", "deep/b.csv")]
    assert bodies == [b"1\n", b"2\n"]
    assert e.messages(emulator, "/aws/sagemaker/ProcessingJobs", "copy/algo-1-") == ["copying rows"]
    sagemaker = emulator.client("sagemaker")
    assert sagemaker.list_tags(ResourceArn=job["ProcessingJobArn"])["Tags"] == [{"Key": "run", "Value": "1"}]
    summaries = sagemaker.list_processing_jobs(NameContains="copy")["ProcessingJobSummaries"]
    assert [summary["ProcessingJobStatus"] for summary in summaries] == ["Completed"]
    assert e.error_of(lambda: start(emulator, "copy", ml_role))[0] == "ResourceInUse"


def test_a_failed_program_leaves_its_message(emulator: e.Emulator, ml_role: str) -> None:
    start(emulator, "fails", ml_role, FAIL)
    job = finished(emulator, "fails")
    assert (job["ProcessingJobStatus"], job["FailureReason"]) == ("Failed", "AlgorithmError: , exit code: 3")
    assert job["ExitMessage"].startswith("The test data has no rows.!")
    assert len(job["ExitMessage"]) == 1024


def test_killed_stopped_and_overdue_jobs(emulator: e.Emulator, ml_role: str) -> None:
    for name, seconds in (("p-killed", 60), ("p-stopped", 60), ("p-overdue", 1)):
        start(emulator, name, ml_role, SLEEP, StoppingCondition={"MaxRuntimeInSeconds": seconds})
    for name in ("p-killed", "p-stopped"):
        e.wait_until(lambda name=name: emulator.pids("processing", name))  # type: ignore[misc]
    os.kill(emulator.pids("processing", "p-killed")[0], signal.SIGKILL)
    emulator.client("sagemaker").stop_processing_job(ProcessingJobName="p-stopped")
    reasons = {name: finished(emulator, name) for name in ("p-killed", "p-stopped", "p-overdue")}
    assert reasons["p-killed"]["FailureReason"] == "AlgorithmError: killed by SIGKILL, exit code: 137"
    assert [reasons[name]["ProcessingJobStatus"] for name in ("p-stopped", "p-overdue")] == ["Stopped", "Stopped"]


def test_the_jobs_role_is_enforced(emulator: e.Emulator) -> None:
    lister = e.role(emulator, "p-lister", "sagemaker.amazonaws.com", *e.ml_grants("s3:GetObject"))
    reader = e.role(emulator, "p-reader", "sagemaker.amazonaws.com", *e.ml_grants("s3:PutObject"))
    start(emulator, "p-unread", lister)
    start(emulator, "p-unwritten", reader)
    unread, unwritten = finished(emulator, "p-unread"), finished(emulator, "p-unwritten")
    assert unread["FailureReason"].startswith("ClientError: Data download failed: Error for input 'code'")
    assert "is not authorized to perform: s3:PutObject" in unwritten["FailureReason"]


def test_refuses_what_aws_refuses(emulator: e.Emulator, ml_role: str) -> None:
    wrong = request("p-wrong", ml_role)
    wrong["AppSpecification"] = {**wrong["AppSpecification"], "ContainerArguments": ["x" * 257]}
    outside = request("p-wrong", ml_role)
    outside["ProcessingInputs"][0]["S3Input"]["LocalPath"] = "/opt/ml/processing/../model"
    no_program = request("p-wrong", ml_role, AppSpecification={"ImageUri": e.IMAGE})
    sagemaker = emulator.client("sagemaker")
    for bad, cause in ((wrong, "256"), (outside, "/opt/ml/processing/"), (no_program, "ContainerEntrypoint")):
        code, message = e.error_of(lambda bad=bad: sagemaker.create_processing_job(**bad))  # type: ignore[misc]
        assert (code, cause in message) == ("ValidationException", True)
    missing = e.error_of(lambda: sagemaker.describe_processing_job(ProcessingJobName="p-wrong"))
    assert missing == ("ValidationException", "Could not find requested job with name: p-wrong")


def grants(role_arn: str) -> list[tuple[str, str]]:
    rule = f"arn:aws:events:{e.REGION}:{e.ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerProcessingJobsRule"
    job = f"{SAGEMAKER}:processing-job/*"
    return [("sagemaker:*ProcessingJob", job), ("events:*", rule), ("iam:PassRole", role_arn)]


def test_a_state_machine_follows_the_job(emulator: e.Emulator, ml_role: str) -> None:
    put(emulator, "sfn-copy", COPY)
    state = {"Type": "Task", "Resource": PROCESSING, "Arguments": request("sfn-copy", ml_role), "End": True}
    answer = run(emulator, "processor", {"Process": state}, *grants(ml_role))
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"])["ProcessingJobStatus"] == "Completed"
    put(emulator, "sfn-fails", FAIL)
    tagged = request("sfn-fails", ml_role, Tags=[{"Key": "run", "Value": "1"}])
    denied = run(emulator, "p-untagged", {"Process": {**state, "Arguments": tagged}}, *grants(ml_role))
    assert "sagemaker:AddTags" in denied["cause"]
    tags = ("sagemaker:AddTags", f"{SAGEMAKER}:processing-job/*")
    failed = run(emulator, "p-failer", {"Process": {**state, "Arguments": tagged}}, *grants(ml_role), tags)
    assert failed["error"] == "States.TaskFailed"
    assert json.loads(failed["cause"])["ExitMessage"].startswith("The test data has no rows.")
    unruled = run(emulator, "p-unruled", {"Process": state}, grants(ml_role)[0], grants(ml_role)[2])
    assert "ProcessingJobsRule" in unruled["cause"]


def test_stopping_the_execution_stops_the_job(emulator: e.Emulator, ml_role: str) -> None:
    put(emulator, "sfn-sleep", SLEEP)
    state = {"Type": "Task", "Resource": PROCESSING, "Arguments": request("sfn-sleep", ml_role), "End": True}
    execution = started(emulator, "p-stopper", {"Process": state}, *grants(ml_role))
    e.wait_until(lambda: emulator.pids("processing", "sfn-sleep"))
    emulator.client("stepfunctions").stop_execution(executionArn=execution)
    assert finished(emulator, "sfn-sleep")["ProcessingJobStatus"] == "Stopped"
