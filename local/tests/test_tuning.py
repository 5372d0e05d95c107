from __future__ import annotations

import io
import json
import os
import signal
import tarfile
from typing import Any

import pytest

import emulator as e
import samples
from test_states import SAGEMAKER, run, started
from test_training import LONG

TUNING = "arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync"
RANGES = {
    "IntegerParameterRanges": [{"Name": "max_depth", "MinValue": "1", "MaxValue": "4"}],
    "ContinuousParameterRanges": [
        {"Name": "eta", "MinValue": "0.001", "MaxValue": "0.5", "ScalingType": "Logarithmic"},
        {"Name": "subsample", "MinValue": "0.5", "MaxValue": "0.99", "ScalingType": "ReverseLogarithmic"},
    ],
}
# The built-in algorithm is not tuned by categories.
POLICIES = {"CategoricalParameterRanges": [{"Name": "grow_policy", "Values": ["depthwise", "lossguide"]}]}
BINS = {"Name": "max_bin", "MinValue": "32", "MaxValue": "256"}
DEPTH = RANGES["IntegerParameterRanges"]
AUC = {"Name": "validation:auc", "Regex": r"validation-auc:(\S+)"}
STATIC = {"objective": "binary:logistic", "num_round": "3", "eval_metric": "logloss", "nthread": "1"}


def request(name: str, role_arn: str, jobs: int = 3, parallel: int = 2, **changes: Any) -> dict[str, Any]:
    """Returns a CreateHyperParameterTuningJob request; the changes are of the training jobs."""
    training = e.training_request(name, role_arn)
    members = ("RoleArn", "AlgorithmSpecification", "InputDataConfig", "OutputDataConfig", "ResourceConfig")
    definition = {
        **{member: training[member] for member in (*members, "StoppingCondition")},
        "StaticHyperParameters": STATIC,
        "EnableNetworkIsolation": True,
        **changes,
    }
    return {
        "HyperParameterTuningJobName": name,
        "HyperParameterTuningJobConfig": {
            "Strategy": "Bayesian",
            "HyperParameterTuningJobObjective": {"Type": "Maximize", "MetricName": "validation:auc"},
            "ResourceLimits": {"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel},
            "ParameterRanges": RANGES,
            "RandomSeed": 7,
        },
        "TrainingJobDefinition": definition,
    }


def described(emulator: e.Emulator, name: str) -> dict[str, Any]:
    sagemaker = emulator.client("sagemaker")
    answer: dict[str, Any] = sagemaker.describe_hyper_parameter_tuning_job(HyperParameterTuningJobName=name)
    return answer


def finished(emulator: e.Emulator, name: str) -> dict[str, Any]:
    ends = ("Completed", "Failed", "Stopped")
    e.wait_until(lambda: described(emulator, name)["HyperParameterTuningJobStatus"] in ends)
    return described(emulator, name)


def listed(emulator: e.Emulator, name: str, **more: Any) -> list[dict[str, Any]]:
    sagemaker = emulator.client("sagemaker")
    answer = sagemaker.list_training_jobs_for_hyper_parameter_tuning_job(HyperParameterTuningJobName=name, **more)
    jobs: list[dict[str, Any]] = answer["TrainingJobSummaries"]
    return jobs


def value(job: dict[str, Any]) -> float:
    metric: dict[str, Any] = job["FinalHyperParameterTuningJobObjectiveMetric"]
    assert metric["MetricName"] == "validation:auc"
    return float(metric["Value"])


def test_trains_and_finds_the_best(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "tune")
    sagemaker = emulator.client("sagemaker")
    image = e.own_image(emulator, "tune")
    image["AlgorithmSpecification"]["MetricDefinitions"] = [AUC]
    wanted = request("tune", ml_role, StaticHyperParameters={**STATIC, "eval_metric": "auc"}, **image)
    wanted["HyperParameterTuningJobConfig"]["ParameterRanges"] = {**RANGES, **POLICIES}
    sagemaker.create_hyper_parameter_tuning_job(**wanted, Tags=[{"Key": "run", "Value": "1"}])
    assert described(emulator, "tune")["TrainingJobStatusCounters"]["InProgress"] <= 2
    job = finished(emulator, "tune")
    assert job["HyperParameterTuningJobStatus"] == "Completed", job
    counters = {"Completed": 3, "InProgress": 0, "RetryableError": 0, "NonRetryableError": 0, "Stopped": 0}
    assert job["TrainingJobStatusCounters"] == counters
    assert job["ObjectiveStatusCounters"] == {"Succeeded": 3, "Pending": 0, "Failed": 0}
    assert job["HyperParameterTuningEndTime"] >= job["CreationTime"]

    jobs = listed(emulator, "tune", SortBy="FinalObjectiveMetricValue", SortOrder="Descending")
    assert jobs[0]["TrainingJobName"] == job["BestTrainingJob"]["TrainingJobName"]
    assert value(job["BestTrainingJob"]) == max(map(value, jobs))
    assert sorted(j["TrainingJobName"][:9] for j in jobs) == ["tune-001-", "tune-002-", "tune-003-"]
    assert [j["TrainingJobName"] for j in listed(emulator, "tune", MaxResults=1)] == [
        min(j["TrainingJobName"] for j in jobs)
    ]
    for tuned in (j["TunedHyperParameters"] for j in jobs):
        assert 1 <= int(tuned["max_depth"]) <= 4
        assert 0.001 <= float(tuned["eta"]) <= 0.5 <= float(tuned["subsample"]) <= 0.99
        assert tuned["grow_policy"] in ("depthwise", "lossguide")

    training = sagemaker.describe_training_job(TrainingJobName=jobs[0]["TrainingJobName"])
    told = {
        **STATIC,
        "eval_metric": "auc",
        **jobs[0]["TunedHyperParameters"],
        "_tuning_objective_metric": "validation:auc",
    }
    assert training["HyperParameters"] == told
    assert training["TuningJobArn"] == job["HyperParameterTuningJobArn"]
    assert training["EnableNetworkIsolation"] is True
    artefact = f"s3://{e.BUCKET}/tune/output/{jobs[0]['TrainingJobName']}/output/model.tar.gz"
    assert training["ModelArtifacts"]["S3ModelArtifacts"] == artefact
    for arn in (training["TrainingJobArn"], job["HyperParameterTuningJobArn"]):
        assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "run", "Value": "1"}]
    (shown,) = sagemaker.list_hyper_parameter_tuning_jobs(NameContains="tune")["HyperParameterTuningJobSummaries"]
    assert (shown["Strategy"], shown["HyperParameterTuningJobStatus"]) == ("Bayesian", "Completed")

    again = request("tune", ml_role)
    assert e.error_of(lambda: sagemaker.create_hyper_parameter_tuning_job(**again))[0] == "ResourceInUse"


def best_model(emulator: e.Emulator, name: str) -> bytes:
    """Returns the booster of a tuning job's best training."""
    sagemaker, best = emulator.client("sagemaker"), described(emulator, name)["BestTrainingJob"]["TrainingJobName"]
    location = sagemaker.describe_training_job(TrainingJobName=best)["ModelArtifacts"]["S3ModelArtifacts"]
    key = location.removeprefix(f"s3://{e.BUCKET}/")
    body = emulator.client("s3").get_object(Bucket=e.BUCKET, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as tar:
        member = tar.extractfile("xgboost-model")
        assert member
        return member.read()


@pytest.mark.parametrize("strategy", ["Random", "Bayesian"])
def test_the_same_seed_finds_the_same_model(emulator: e.Emulator, ml_role: str, strategy: str) -> None:
    """Whatever the job is called, however many train at a time, with how many threads, and whoever ends first."""
    sagemaker = emulator.client("sagemaker")
    names = [f"tune-{strategy}-{suffix}".lower() for suffix in ("alone", "beside")]
    for name, parallel, threads in zip(names, (1, 3), ("1", "3"), strict=True):
        e.put_training_data(emulator, name)
        static = {**STATIC, "nthread": threads, "num_round": "20"}
        wanted = request(name, ml_role, jobs=3, parallel=parallel, StaticHyperParameters=static)
        wanted["HyperParameterTuningJobConfig"]["Strategy"] = strategy
        emulator.put(e.HELD, ["train"] if parallel > 1 else [])
        sagemaker.create_hyper_parameter_tuning_job(**wanted)
        if parallel > 1:
            e.wait_until(lambda name=name: len(listed(emulator, name)) == 3)  # type: ignore[misc]
            jobs = [job["TrainingJobName"] for job in listed(emulator, name)]
            first, *others = (emulator.caught("training", job) for job in jobs)
            emulator.put(e.HELD, [])
            for pid in others:
                os.kill(pid, signal.SIGCONT)
            e.wait_until(lambda name=name: len(listed(emulator, name, StatusEquals="Completed")) == 2)  # type: ignore[misc]
            os.kill(first, signal.SIGCONT)
        assert finished(emulator, name)["HyperParameterTuningJobStatus"] == "Completed"
    alone, beside = ([job["TunedHyperParameters"] for job in listed(emulator, name)] for name in names)
    assert alone == beside
    best = [described(emulator, name)["BestTrainingJob"]["TunedHyperParameters"] for name in names]
    assert best[0] == best[1]
    assert best_model(emulator, names[0]) == best_model(emulator, names[1])


def test_fails_when_all_jobs_fail(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "tune-bad", samples.csv(one_class=True))
    emulator.client("sagemaker").create_hyper_parameter_tuning_job(**request("tune-bad", ml_role, jobs=2))
    job = finished(emulator, "tune-bad")
    assert job["HyperParameterTuningJobStatus"] == "Failed"
    assert job["FailureReason"].startswith("No training job succeeded after 2 attempts.")
    assert job["TrainingJobStatusCounters"]["NonRetryableError"] == 2
    assert "BestTrainingJob" not in job
    assert "base_score must be in (0,1)" in listed(emulator, "tune-bad", StatusEquals="Failed")[0]["FailureReason"]


def test_stopping_stops_the_training_jobs(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "tune-stop")
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_hyper_parameter_tuning_job(**request("tune-stop", ml_role, StaticHyperParameters=LONG))
    e.wait_until(lambda: len(listed(emulator, "tune-stop")) == 2)
    for name in (job["TrainingJobName"] for job in listed(emulator, "tune-stop")):
        e.wait_until(lambda name=name: emulator.pids("training", name))  # type: ignore[misc]
    sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune-stop")
    job = finished(emulator, "tune-stop")
    assert (job["HyperParameterTuningJobStatus"], job["TrainingJobStatusCounters"]["Stopped"]) == ("Stopped", 2)
    code, message = e.error_of(
        lambda: sagemaker.stop_hyper_parameter_tuning_job(HyperParameterTuningJobName="tune-stop")
    )
    assert (code, "is in status Stopped" in message) == ("ValidationException", True)


def test_refuses_what_aws_refuses(emulator: e.Emulator, ml_role: str) -> None:
    def changed(**config: Any) -> dict[str, Any]:
        wrong = request("tune-wrong", ml_role)
        wrong["HyperParameterTuningJobConfig"] = {**wrong["HyperParameterTuningJobConfig"], **config}
        return wrong

    def ranged(kind: str, **entry: Any) -> dict[str, Any]:
        return changed(ParameterRanges={f"{kind}ParameterRanges": [{"Name": "eta", **entry}]})

    def limited(jobs: int, parallel: int) -> dict[str, Any]:
        return changed(ResourceLimits={"MaxNumberOfTrainingJobs": jobs, "MaxParallelTrainingJobs": parallel})

    sagemaker = emulator.client("sagemaker")
    objective = {"Type": "Minimize", "MetricName": "validation:nothing"}
    twice = request("tune-wrong", ml_role, StaticHyperParameters={**STATIC, "eta": "0.1"})
    log = {"ScalingType": "Logarithmic"}
    whole = request("tune-wrong", ml_role)
    undefined = {member: value for member, value in whole.items() if member != "TrainingJobDefinition"}
    several = {**undefined, "TrainingJobDefinitions": [{**whole["TrainingJobDefinition"], "DefinitionName": "one"}]}
    for wrong, cause in (
        (changed(Strategy="Grid"), "Random, Bayesian"),
        (request(f"n{31 * '-'}n", ml_role), "less than or equal to 32"),
        (changed(HyperParameterTuningJobObjective=objective), "A metric is required"),
        (changed(ParameterRanges={}), "at least one range"),
        (limited(1, 2), "MaxParallelTrainingJobs"),
        (ranged("Continuous", MinValue="x", MaxValue="1"), "eta"),
        (ranged("Continuous", MinValue="1", MaxValue="0"), "MinValue"),
        (ranged("Continuous", MinValue="0", MaxValue="1", **log), "greater than 0"),
        (twice, "more than once: eta"),
        (undefined, "TrainingJobDefinition is required"),
        (several, "no TrainingJobDefinitions"),
        (changed(ParameterRanges=POLICIES), "'grow_policy' of the algorithm is not tunable in Categorical"),
        (changed(ParameterRanges={"IntegerParameterRanges": [BINS]}), "'max_bin' of the algorithm is not tunable"),
        (changed(ParameterRanges={"ContinuousParameterRanges": DEPTH}), "'max_depth' of the algorithm is not tunable"),
        (
            request("tune-wrong", ml_role, StoppingCondition={"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}),
            "Spot",
        ),
    ):
        code, message = e.error_of(lambda wrong=wrong: sagemaker.create_hyper_parameter_tuning_job(**wrong))  # type: ignore[misc]
        assert (code, cause in message) == ("ValidationException", True), message
    missing = e.error_of(lambda: described(emulator, "tune-wrong"))
    assert missing == (
        "ResourceNotFound",
        "Amazon SageMaker can't find a tuning job called tune-wrong. Type another name.",
    )


def grants(role_arn: str) -> list[tuple[str, str]]:
    rule = f"arn:aws:events:{e.REGION}:{e.ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTuningJobsRule"
    job = f"{SAGEMAKER}:hyper-parameter-tuning-job/*"
    return [("sagemaker:*HyperParameterTuningJob", job), ("iam:PassRole", role_arn), ("events:*", rule)]


def test_a_state_machine_follows_the_job(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "sfn-tune")
    arguments = request("sfn-tune", ml_role, jobs=1, parallel=1)
    state = {"Type": "Task", "Resource": TUNING, "Arguments": arguments, "End": True}
    for missing in range(3):
        denied = run(
            emulator, f"untuned-{missing}", {"Tune": state}, *(g for i, g in enumerate(grants(ml_role)) if i != missing)
        )
        action = ("sagemaker:CreateHyperParameterTuningJob", "iam:PassRole", "events:PutTargets")[missing]
        assert (denied["error"].endswith(".AccessDeniedException"), action in denied["cause"]) == (True, True)
    answer = run(emulator, "tuner", {"Tune": state}, *grants(ml_role))
    assert answer["status"] == "SUCCEEDED", answer
    output = json.loads(answer["output"])
    assert output["HyperParameterTuningJobStatus"] == "Completed"
    assert value(output["BestTrainingJob"]) > 0.5
    assert isinstance(output["BestTrainingJob"]["TrainingStartTime"], int)
    again = run(emulator, "tuner-again", {"Tune": state}, *grants(ml_role))
    assert again["error"] == "SageMaker.ResourceInUseException"


def test_stopping_the_execution_stops_the_job(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "sfn-tune-stop")
    arguments = request("sfn-tune-stop", ml_role, StaticHyperParameters=LONG)
    state = {"Type": "Task", "Resource": TUNING, "Arguments": arguments, "End": True}
    execution = started(emulator, "tune-stopper", {"Tune": state}, *grants(ml_role))
    e.wait_until(lambda: listed(emulator, "sfn-tune-stop"), retry=emulator.client("sagemaker").exceptions.ClientError)
    emulator.client("stepfunctions").stop_execution(executionArn=execution)
    assert finished(emulator, "sfn-tune-stop")["HyperParameterTuningJobStatus"] == "Stopped"
