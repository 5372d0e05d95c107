from __future__ import annotations

import io
import os
import signal
import tarfile

import emulator as e
import samples


def start(emulator: e.Emulator, name: str, role_arn: str, **changes: object) -> None:
    emulator.client("sagemaker").create_training_job(**e.training_request(name, role_arn, **changes))


def test_trains_and_reports(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "good")
    start(emulator, "good", ml_role, Tags=[{"Key": "run", "Value": "1"}])
    job = e.finished_job(emulator, "good")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Completed", "Completed"), job
    assert [t["Status"] for t in job["SecondaryStatusTransitions"]] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]
    metrics = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert metrics["train:auc"] > 0.8
    assert "validation:auc" in metrics
    assert job["BillableTimeInSeconds"] >= 1
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{e.BUCKET}/good/output/good/output/model.tar.gz"
    artefact = emulator.client("s3").get_object(Bucket=e.BUCKET, Key="good/output/good/output/model.tar.gz")
    with tarfile.open(fileobj=io.BytesIO(artefact["Body"].read())) as tar:
        assert tar.getnames() == ["xgboost-model"]
    messages = e.messages(emulator, "/aws/sagemaker/TrainingJobs", "good/algo-1-")
    assert messages[0].startswith("[0]#011train-auc:")
    tags = emulator.client("sagemaker").list_tags(ResourceArn=job["TrainingJobArn"])["Tags"]
    assert tags == [{"Key": "run", "Value": "1"}]
    assert e.error_of(lambda: start(emulator, "good", ml_role))[0] == "ResourceInUse"


def test_metrics_of_an_own_image_are_read_from_its_log(emulator: e.Emulator, ml_role: str) -> None:
    emulator.client("ecr").create_repository(repositoryName="metrics")
    own = {"TrainingImage": f"{e.ACCOUNT}.dkr.ecr.{e.REGION}.amazonaws.com/metrics:1", "TrainingInputMode": "File"}
    definitions = [
        {"Name": "auc", "Regex": "validation-auc:([0-9.]+)"},
        {"Name": "round", "Regex": r"^\[([0-9]+)\]"},
        {"Name": "never", "Regex": "validation-rmse:([0-9.]+)"},
        {"Name": "groupless", "Regex": "validation-auc"},
    ]
    e.put_training_data(emulator, "own-image")
    start(emulator, "own-image", ml_role, AlgorithmSpecification={**own, "MetricDefinitions": definitions})
    job = e.finished_job(emulator, "own-image")
    found = {metric["MetricName"]: metric["Value"] for metric in job["FinalMetricDataList"]}
    assert found.keys() == {"auc", "round"}
    assert (0.5 < found["auc"] <= 1, found["round"]) == (True, 4)
    assert job["AlgorithmSpecification"]["MetricDefinitions"] == definitions
    built_in = {"TrainingImage": e.IMAGE, "TrainingInputMode": "File", "MetricDefinitions": definitions[:1]}
    wrong = {**own, "MetricDefinitions": [{"Name": "auc", "Regex": "("}]}
    for algorithm, cause in ((built_in, "You can't override the metric definitions"), (wrong, "'auc'")):
        code, message = e.error_of(
            lambda algorithm=algorithm: start(emulator, "wrong-metrics", ml_role, AlgorithmSpecification=algorithm)  # type: ignore[misc]
        )
        assert (code, cause in message) == ("ValidationException", True)


def test_fails_with_the_algorithms_words(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "oneclass", samples.csv(one_class=True))
    start(emulator, "oneclass", ml_role)
    job = e.finished_job(emulator, "oneclass")
    assert job["TrainingJobStatus"] == "Failed"
    # As in amazon-sagemaker-examples#4555: a traceback first, and no more than 1,024 characters of it.
    assert job["FailureReason"].startswith("AlgorithmError: framework error: \nTraceback (most recent call last):\n")
    assert "base_score must be in (0,1) for logistic loss" in job["FailureReason"]
    assert len(job["FailureReason"]) == 1024

    e.put_training_data(emulator, "own-oneclass", samples.csv(one_class=True))
    start(emulator, "own-oneclass", ml_role, **e.own_image(emulator, "own-oneclass"))
    reason = e.finished_job(emulator, "own-oneclass")["FailureReason"]
    assert reason.startswith("AlgorithmError: The channel 'train' has one class only (0)")
    assert reason.endswith(", exit code: 1")


def test_fails_without_data_and_beyond_the_quota(emulator: e.Emulator, ml_role: str) -> None:
    start(emulator, "empty", ml_role)
    job = e.finished_job(emulator, "empty")
    assert "No S3 objects found" in job["FailureReason"]
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 99, "VolumeSizeInGB": 5}
    code, _ = e.error_of(lambda: start(emulator, "huge", ml_role, ResourceConfig=resources))
    assert code == "ResourceLimitExceeded"


# Enough rounds to be still training when it is interrupted.
LONG = {"objective": "binary:logistic", "num_round": "1000000", "eval_metric": "auc", "nthread": "1"}


def test_killed_job_fails(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "killed")
    start(emulator, "killed", ml_role, HyperParameters=LONG)
    e.wait_until(lambda: emulator.pids("training", "killed"))
    os.kill(emulator.pids("training", "killed")[0], signal.SIGKILL)
    job = e.finished_job(emulator, "killed")
    assert job["FailureReason"] == "AlgorithmError: killed by SIGKILL, exit code: 137"


def test_stopped_and_overdue_jobs(emulator: e.Emulator, ml_role: str) -> None:
    for name, seconds in (("stopped", 60), ("overdue", 1)):
        e.put_training_data(emulator, name)
        condition = {"MaxRuntimeInSeconds": seconds}
        start(emulator, name, ml_role, HyperParameters=LONG, StoppingCondition=condition)
    e.wait_until(lambda: emulator.pids("training", "stopped"))
    emulator.client("sagemaker").stop_training_job(TrainingJobName="stopped")
    for name, secondary in (("stopped", "Stopped"), ("overdue", "MaxRuntimeExceeded")):
        job = e.finished_job(emulator, name)
        assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", secondary)


def test_the_jobs_role_is_enforced(emulator: e.Emulator) -> None:
    e.put_training_data(emulator, "denied")
    reader = e.role(emulator, "list-only", "sagemaker.amazonaws.com", *e.ml_grants("s3:GetObject"))
    start(emulator, "denied", reader)
    job = e.finished_job(emulator, "denied")
    assert job["FailureReason"].startswith("ClientError: Data download failed")
    assert "is not authorized to perform: s3:GetObject" in job["FailureReason"]
    stranger = e.role(emulator, "stranger", "lambda.amazonaws.com")
    code, message = e.error_of(lambda: start(emulator, "stranger", stranger))
    assert (code, "Could not assume role" in message) == ("ValidationException", True)
