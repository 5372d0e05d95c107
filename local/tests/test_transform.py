from __future__ import annotations

import gzip
import json
from typing import Any

import numpy as np
import pytest

import emulator as e
import samples
from test_states import SAGEMAKER, run
from vwt_local.errors import ApiError
from vwt_local.sagemaker import transform_files

TRANSFORM = "arn:aws:states:::sagemaker:createTransformJob.sync"
ROWS = ["0.1,0.2,0.3,0.4", "1,,-1,2", "-2,0.5,0,0"]


def request(name: str, **changes: Any) -> dict[str, Any]:
    """Makes a CreateTransformJob request from `<name>/in/` to `<name>/out/`, of records that are lines."""
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{e.BUCKET}/{name}/in/"}
    return {
        "TransformJobName": name,
        "ModelName": "transforming",
        "TransformInput": {"DataSource": {"S3DataSource": source}, "ContentType": "text/csv", "SplitType": "Line"},
        "TransformOutput": {
            "S3OutputPath": f"s3://{e.BUCKET}/{name}/out",
            "AssembleWith": "Line",
            "Accept": "text/csv",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        "BatchStrategy": "MultiRecord",
        **changes,
    }


@pytest.fixture(scope="module", autouse=True)
def model(emulator: e.Emulator, ml_role: str) -> bytes:
    """Makes the model of all jobs; returns its booster."""
    made = samples.booster()
    e.put_model(emulator, "transforming", samples.archive(made), ml_role)
    return made


def put(emulator: e.Emulator, name: str, **objects: str) -> None:
    for key, body in objects.items():
        emulator.client("s3").put_object(Bucket=e.BUCKET, Key=f"{name}/in/{key}.csv", Body=body)


def finished(emulator: e.Emulator, name: str) -> dict[str, Any]:
    def job() -> dict[str, Any]:
        described: dict[str, Any] = emulator.client("sagemaker").describe_transform_job(TransformJobName=name)
        return described

    e.wait_until(lambda: job()["TransformJobStatus"] in ("Completed", "Failed", "Stopped"))
    return job()


def test_a_state_machine_has_every_record_scored_in_its_order(emulator: e.Emulator, model: bytes) -> None:
    import xgboost as xgb

    put(emulator, "scored", a="\n".join(ROWS) + "\n", b=ROWS[0])
    job = f"{SAGEMAKER}:transform-job/*"
    rule = f"arn:aws:events:{e.REGION}:{e.ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTransformJobsRule"
    state = {"Type": "Task", "Resource": TRANSFORM, "Arguments": request("scored"), "End": True}
    answer = run(emulator, "transformer", {"Score": state}, ("sagemaker:*TransformJob", job), ("events:*", rule))
    assert answer["status"] == "SUCCEEDED", answer
    assert json.loads(answer["output"])["TransformJobStatus"] == "Completed"
    rows = np.array([[float(field or "nan") for field in row.split(",")] for row in ROWS])
    expected = xgb.Booster(model_file=bytearray(model)).predict(xgb.DMatrix(rows))
    s3 = emulator.client("s3")
    for key, wanted in (("a", expected), ("b", expected[:1])):
        body = s3.get_object(Bucket=e.BUCKET, Key=f"scored/out/{key}.csv.out")["Body"].read().decode()
        assert [float(line) for line in body.splitlines()] == pytest.approx(wanted.tolist())
    logged = e.messages(emulator, "/aws/sagemaker/TransformJobs", "scored/")
    assert any("BatchStrategy=MultiRecord" in line for line in logged)
    summaries = emulator.client("sagemaker").list_transform_jobs(NameContains="scored")["TransformJobSummaries"]
    assert [summary["TransformJobStatus"] for summary in summaries] == ["Completed"]
    code, message = e.error_of(lambda: emulator.client("sagemaker").create_transform_job(**request("scored")))
    assert (code, "Job name must be unique" in message) == ("ResourceInUse", True)


def test_a_record_that_the_model_refuses_fails_the_job(emulator: e.Emulator) -> None:
    put(emulator, "refused", a="1,2,3,4,5\n")
    emulator.client("sagemaker").create_transform_job(**request("refused"))
    job = finished(emulator, "refused")
    assert (job["TransformJobStatus"], job["FailureReason"]) == (
        "Failed",
        "ClientError: See job logs for more information",
    )
    logged = e.messages(emulator, "/aws/sagemaker/TransformJobs", "refused/")
    assert any("refused/in/a.csv: Bad HTTP status received from algorithm: 4" in line for line in logged)


def test_the_models_role_reads_and_writes(emulator: e.Emulator) -> None:
    for action, name in (("s3:PutObject", "unwritten"), ("s3:ListBucket", "unread")):
        put(emulator, name, a=ROWS[0])
        role = e.role(emulator, f"t-{name}", "sagemaker.amazonaws.com", *e.ml_grants(action))
        e.put_model(emulator, name, samples.archive(samples.booster()), role)
        emulator.client("sagemaker").create_transform_job(**request(name, ModelName=name))
        assert f"is not authorized to perform: {action}" in finished(emulator, name)["FailureReason"]


def test_refuses_what_it_cannot_do(emulator: e.Emulator) -> None:
    sagemaker = emulator.client("sagemaker")
    for changes, cause in (
        ({"ModelName": "none"}, "Could not find model"),
        ({"MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2}, "must not exceed 100 MB"),
        ({"DataProcessing": {"JoinSource": "Input"}}, "neither filters nor joins"),
    ):
        wanted = request("t-wrong", **changes)
        code, message = e.error_of(lambda wanted=wanted: sagemaker.create_transform_job(**wanted))  # type: ignore[misc]
        assert (code, cause in message) == ("ValidationException", True), message
    code, _ = e.error_of(lambda: sagemaker.stop_transform_job(TransformJobName="t-wrong"))
    assert code == "ResourceNotFound"


def job_of(strategy: str = "MultiRecord", megabytes: float = 6, split: str = "Line", **data: str) -> dict[str, Any]:
    made = request("files", BatchStrategy=strategy, MaxPayloadInMB=megabytes)
    made["TransformInput"] |= {"SplitType": split, **data}
    return made


@pytest.mark.parametrize(
    ("job", "body", "bodies"),
    [
        (job_of(), b"a\nb\nc\n", [b"a\nb\nc"]),
        (job_of("SingleRecord"), b"a\nb\nc", [b"a", b"b", b"c"]),
        (job_of(megabytes=5 / 1024**2), b"aa\nbb\ncc\n", [b"aa\nbb", b"cc"]),
        (job_of(split="None"), b"a\nb\n", [b"a\nb\n"]),
        (job_of(megabytes=0), b"a\nb\n", [b"a\nb"]),
        (job_of(CompressionType="Gzip"), gzip.compress(b"a\nb\n"), [b"a\nb"]),
    ],
)
def test_an_object_is_split_into_requests(job: dict[str, Any], body: bytes, bodies: list[bytes]) -> None:
    assert list(transform_files.requests(body, job)) == bodies


def test_a_record_beyond_a_request_is_refused() -> None:
    with pytest.raises(ApiError, match="Too much data for max payload size"):
        list(transform_files.requests(b"a" * 10, job_of(megabytes=5 / 1024**2)))


def test_answers_end_lines_and_outputs_are_named_by_their_inputs() -> None:
    job = job_of()
    assert transform_files.assembled([b"1\n2\n", b"3"], job) == b"1\n2\n3\n"
    job["TransformOutput"]["AssembleWith"] = "None"
    assert transform_files.assembled([b"1", b"2"], job) == b"12"
    assert transform_files.output_of("files/in/deep/a.csv", job).key == "files/out/deep/a.csv.out"
    job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"] = f"s3://{e.BUCKET}/files/in/a.csv"
    assert transform_files.output_of("files/in/a.csv", job).key == "files/out/a.csv.out"
