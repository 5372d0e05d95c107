from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

import emulator as e
import samples

ALARM = "guard"
ERRORS = "guard-errors"


@pytest.fixture(scope="module")
def role(emulator: e.Emulator) -> str:
    """Returns a role with which SageMaker reads the bucket and the alarms."""
    return e.role(
        emulator,
        "guarded",
        "sagemaker.amazonaws.com",
        *e.ml_grants(),
        ("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{e.REGION}:{e.ACCOUNT}:alarm:{ALARM}*"),
    )


def put_config(emulator: e.Emulator, name: str, model: str, **variant: Any) -> None:
    emulator.client("sagemaker").create_endpoint_config(
        EndpointConfigName=name,
        ProductionVariants=[{"VariantName": "AllTraffic", "ModelName": model, **variant}],
    )


def state(emulator: e.Emulator, value: str) -> None:
    emulator.client("cloudwatch").set_alarm_state(AlarmName=ALARM, StateValue=value, StateReason="test")


@pytest.fixture(scope="module")
def blue(emulator: e.Emulator, role: str) -> str:
    """Makes an endpoint of two instances; `blue` and `green` are its configurations, whose models score differently."""
    for seed, name in enumerate(("blue", "green")):
        e.put_model(emulator, f"{name}-model", samples.archive(samples.booster(seed)), role)
        put_config(emulator, name, f"{name}-model", InstanceType="ml.m5.large", InitialInstanceCount=2)
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName=ALARM, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=1, Namespace="T",
        MetricName="m", Period=60, Statistic="Sum",
    )  # fmt: skip
    emulator.client("sagemaker").create_endpoint(EndpointName="guarded", EndpointConfigName="blue")
    e.wait_until(lambda: e.status_of(emulator, "guarded") == "InService")
    return "guarded"


@pytest.fixture
def endpoint(emulator: e.Emulator, blue: str) -> Iterator[str]:
    """Returns the endpoint with its first configuration and an alarm that is OK."""
    state(emulator, "OK")
    yield blue
    if described(emulator)["EndpointConfigName"] != "blue":
        emulator.client("sagemaker").update_endpoint(EndpointName=blue, EndpointConfigName="blue")
        settled(emulator)


def described(emulator: e.Emulator) -> dict[str, Any]:
    answer: dict[str, Any] = emulator.client("sagemaker").describe_endpoint(EndpointName="guarded")
    return answer


def settled(emulator: e.Emulator) -> dict[str, Any]:
    """Returns the endpoint after its update, when one deployment is left."""
    e.wait_until(lambda: described(emulator)["EndpointStatus"] == "InService")
    e.wait_until(lambda: len(emulator.pids("endpoint", "guarded")) == 1)
    return described(emulator)


def config(kind: str = "CANARY", wait: int = 2, end: int = 0, **routing: Any) -> dict[str, Any]:
    if kind == "CANARY":
        routing = {"CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50}, **routing}
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"Type": kind, "WaitIntervalInSeconds": wait, **routing},
            "TerminationWaitInSeconds": end,
            "MaximumExecutionTimeoutInSeconds": 600,
        },
        "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": ALARM}]},
    }


def update(emulator: e.Emulator, deployment: dict[str, Any] | None, to: str = "green", **more: Any) -> None:
    more = {**more, "DeploymentConfig": deployment} if deployment else more
    emulator.client("sagemaker").update_endpoint(EndpointName="guarded", EndpointConfigName=to, **more)


def baking(emulator: e.Emulator) -> bool:
    pending = described(emulator).get("PendingDeploymentSummary", {"ProductionVariants": []})
    return any(v["VariantStatus"][0]["Status"] == "Baking" for v in pending["ProductionVariants"])


def scores(emulator: e.Emulator, calls: int = 40) -> Counter[str]:
    return Counter(e.invoke(emulator, "guarded") for _ in range(calls))


def test_a_canary_gets_its_share_then_everything(emulator: e.Emulator, endpoint: str) -> None:
    (old,) = scores(emulator)
    answers: list[str] = []
    stopped = threading.Event()

    def load() -> None:
        while not stopped.wait(0.02):
            answers.append(e.invoke(emulator, endpoint))

    caller = threading.Thread(target=load)
    caller.start()
    update(emulator, config())
    e.wait_until(lambda: baking(emulator))
    during = scores(emulator)
    assert len(emulator.pids("endpoint", endpoint)) == 2
    seen = described(emulator)
    assert (seen["EndpointStatus"], seen["EndpointConfigName"]) == ("Updating", "blue")
    assert seen["PendingDeploymentSummary"]["EndpointConfigName"] == "green"
    after = settled(emulator)
    stopped.set()
    caller.join()
    (new,) = scores(emulator)
    assert set(during) == {old, new} == set(answers)
    assert 8 <= during[new] <= 32
    assert (after["EndpointConfigName"], "FailureReason" in after) == ("green", False)
    assert after["LastDeploymentConfig"] == config()
    assert "VariantStatus" not in after["ProductionVariants"][0]


@pytest.mark.parametrize("kind", ["CANARY", "ALL_AT_ONCE", "LINEAR"])
def test_an_alarm_rolls_back_while_it_bakes(emulator: e.Emulator, endpoint: str, kind: str) -> None:
    (old,) = scores(emulator, 1)
    step = {"LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 1}} if kind == "LINEAR" else {}
    update(emulator, config(kind, wait=60, end=0, **step))
    e.wait_until(lambda: baking(emulator))
    assert (old in scores(emulator)) == (kind != "ALL_AT_ONCE")
    state(emulator, "ALARM")
    after = settled(emulator)
    assert after["EndpointConfigName"] == "blue"
    assert ALARM in after["FailureReason"]
    assert "PendingDeploymentSummary" not in after
    assert set(scores(emulator, 5)) == {old}


def test_errors_of_the_new_model_roll_back(emulator: e.Emulator, endpoint: str, role: str) -> None:
    (old,) = scores(emulator, 1)
    e.put_model(emulator, "erring-model", samples.archive(samples.booster()), role, **e.FAILING)
    put_config(emulator, "erring", "erring-model", InstanceType="ml.m5.large", InitialInstanceCount=2)
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName=ERRORS, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold", Threshold=0.05,
        Namespace="AWS/SageMaker", MetricName="Invocation5XXErrors", Period=60, Statistic="Average",
        Dimensions=[{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}],
        TreatMissingData="notBreaching",
    )  # fmt: skip
    guard = {**config(wait=60), "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": ERRORS}]}}
    update(emulator, guard, to="erring")
    answers: set[str] = set()

    def rolled_back() -> bool:
        for _ in range(10):
            try:
                answers.add(e.invoke(emulator, endpoint))
            except ClientError as error:
                answers.add(error.response["Error"]["Code"])
        return described(emulator)["EndpointStatus"] == "InService"

    e.wait_until(rolled_back)
    after = settled(emulator)
    assert (after["EndpointConfigName"], ERRORS in after["FailureReason"]) == ("blue", True)
    assert answers == {old, "ModelError"}
    assert set(scores(emulator)) == {old}


def test_an_alarm_rolls_back_before_the_old_deployment_ends(emulator: e.Emulator, endpoint: str) -> None:
    (old,) = scores(emulator, 1)
    update(emulator, config("ALL_AT_ONCE", wait=0, end=60))
    e.wait_until(lambda: baking(emulator) and old not in scores(emulator, 5))
    state(emulator, "ALARM")
    assert ALARM in settled(emulator)["FailureReason"]
    assert set(scores(emulator, 5)) == {old}
    # The next update that goes well takes the reason away, and may be one as before.
    state(emulator, "OK")
    update(emulator, config("ALL_AT_ONCE", wait=0, end=1))
    assert "FailureReason" not in settled(emulator)
    started = time.monotonic()
    update(emulator, None, "blue", RetainDeploymentConfig=True)
    assert settled(emulator)["EndpointConfigName"] == "blue"
    assert time.monotonic() - started > 1


def test_an_alarm_that_is_tripped_already_lets_nothing_through(emulator: e.Emulator, endpoint: str) -> None:
    (old,) = scores(emulator, 1)
    state(emulator, "ALARM")
    update(emulator, config("ALL_AT_ONCE", wait=0))
    after = settled(emulator)
    assert (after["EndpointConfigName"], ALARM in after["FailureReason"]) == ("blue", True)
    assert set(scores(emulator, 5)) == {old}


def test_refuses_what_aws_refuses(emulator: e.Emulator, endpoint: str, ml_role: str) -> None:
    def percent(value: int) -> dict[str, Any]:
        return {"Type": "CAPACITY_PERCENT", "Value": value}

    unknown = {**config(), "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "none"}]}}
    short = config(wait=400)
    wrongs = [
        (unknown, "none"),
        (short, "MaximumExecutionTimeoutInSeconds"),
        (config(CanarySize=percent(51)), "50%"),
        (config(CanarySize={"Type": "INSTANCE_COUNT", "Value": 2}), "50%"),
        (config("LINEAR", LinearStepSize=percent(5)), "10%"),
        (config("LINEAR"), "LinearStepSize"),
        (config("SOME"), "enum"),
        (config("ALL_AT_ONCE", wait=3601), "3600"),
        ({"RollingUpdatePolicy": {"MaximumBatchSize": percent(50), "WaitIntervalInSeconds": 0}}, "rolling"),
    ]
    for wrong, cause in wrongs:
        code, message = e.error_of(lambda wrong=wrong: update(emulator, wrong))  # type: ignore[misc]
        assert (code, cause in message) == ("ValidationException", True), message
    emulator.client("sagemaker").create_model(
        ModelName="blind",
        ExecutionRoleArn=ml_role,
        PrimaryContainer={"Image": e.IMAGE, "ModelDataUrl": f"s3://{e.BUCKET}/blue-model.tar.gz"},
    )
    put_config(emulator, "blind", "blind", InstanceType="ml.m5.large", InitialInstanceCount=2)
    put_config(emulator, "none-at-all", "blue-model", ServerlessConfig={"MemorySizeInMB": 1024, "MaxConcurrency": 1})
    for to, cause in (("blind", "cloudwatch:DescribeAlarms"), ("none-at-all", "serverless")):
        _, message = e.error_of(lambda to=to: update(emulator, config(), to))  # type: ignore[misc]
        assert cause in message
    assert described(emulator)["EndpointStatus"] == "InService"


def test_an_endpoint_is_deleted_only_after_its_update(emulator: e.Emulator, endpoint: str) -> None:
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="short", EndpointConfigName="blue", DeploymentConfig=config(wait=2))
    e.wait_until(lambda: e.status_of(emulator, "short") == "InService")
    sagemaker.update_endpoint(EndpointName="short", EndpointConfigName="green", RetainDeploymentConfig=True)
    e.wait_until(lambda: len(emulator.pids("endpoint", "short")) == 2)
    code, message = e.error_of(lambda: sagemaker.delete_endpoint(EndpointName="short"))
    assert (code, message.startswith("Cannot update in-progress endpoint")) == ("ValidationException", True)
    e.wait_until(lambda: e.status_of(emulator, "short") == "InService")
    sagemaker.delete_endpoint(EndpointName="short")
    e.wait_until(lambda: not emulator.pids("endpoint", "short"))
