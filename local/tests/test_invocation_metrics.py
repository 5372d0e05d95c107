from __future__ import annotations

import copy
import os
import random
import signal
import statistics
import time
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import cloudwatch

import emulator as e
import samples
from vwt_local.sagemaker import invocation_metrics
from vwt_local.sagemaker.invocation_metrics import Histogram, Points

DIMENSIONS = {"EndpointName": "e", "VariantName": "v"}


def store(points: Points, values: list[float], now: float) -> None:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    invocation_metrics.store(points, histogram, now, "Microseconds", DIMENSIONS)


def test_few_points_have_the_statistics_of_many_values() -> None:
    source = random.Random(0)  # noqa: S311  # no secret
    points = Points()
    values = [source.lognormvariate(8, 0.5) for _ in range(5000)]
    for start in range(0, len(values), 500):
        store(points, values[start : start + 500], 1000 + start / 1000)
    assert len(points) < 100
    stats = cloudwatch._calc_stats(points)
    assert stats["SampleCount"] == len(values)
    assert stats["Sum"] == pytest.approx(sum(values))
    p99 = cloudwatch._stat_value(stats, "p99", points)
    assert p99 == pytest.approx(statistics.quantiles(values, n=100)[98], rel=0.05)


def test_shares_are_exact_and_memory_is_bounded() -> None:
    points = Points()
    for second in range(100_000):
        store(points, [0.0, 0.0, 1.0], second)
    assert len(points) <= 5000
    assert sum(point["Count"] for point in points[-2:]) in (3, 6, 9, 12, 15)
    assert cloudwatch._calc_stats(points)["Average"] == pytest.approx(1 / 3)
    assert {point["Value"] for point in points} == {0.0, 1.0}
    assert points[-1]["Timestamp"] > 99_990


def test_snapshots_pass_points_over_and_evictions_too(monkeypatch: pytest.MonkeyPatch) -> None:
    points = Points([{"Timestamp": 0.0, "Value": 1.0}])
    assert copy.deepcopy({"key": points}) == {"key": []}
    monkeypatch.setattr(cloudwatch, "_metrics", {"ours": points, "other": list(points)})
    invocation_metrics.sparing(cloudwatch._evict_old_metrics)()
    assert cloudwatch._metrics == {"ours": points}
    assert cloudwatch._metrics["ours"] is points


@pytest.fixture(scope="module")
def role(emulator: e.Emulator) -> str:
    return e.role(emulator, "measured", "sagemaker.amazonaws.com", *e.ml_grants())


def serve(emulator: e.Emulator, name: str, role: str, **environment: str) -> None:
    e.put_model(emulator, name, samples.archive(samples.booster()), role, **environment)
    emulator.client("sagemaker").create_endpoint(EndpointName=name, EndpointConfigName=name)
    e.wait_until(lambda: e.status_of(emulator, name) == "InService")


@pytest.fixture(scope="module")
def endpoint(emulator: e.Emulator, role: str) -> Iterator[str]:
    name = "Measured"
    serve(emulator, name, role)
    yield name
    emulator.client("sagemaker").delete_endpoint(EndpointName=name)


def of(endpoint: str) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]


def measured(emulator: e.Emulator, endpoint: str, metric: str, **more: Any) -> dict[str, Any]:
    """Returns all that is known of a metric; nothing when there is nothing."""
    statistics = {} if more else {"Statistics": ["Average", "Sum", "Minimum", "Maximum", "SampleCount"]}
    points = emulator.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=of(endpoint),
        StartTime=datetime.fromtimestamp(0, timezone.utc),
        EndTime=datetime.fromtimestamp(time.time() + 60, timezone.utc),
        Period=10**10,
        **statistics,
        **more,
    )["Datapoints"]
    return points[0] if points else {}


def failed(emulator: e.Emulator, endpoint: str, body: str = "1,2,3,4") -> str:
    """Returns the code of the error that an invocation ends in."""
    return e.error_of(lambda: e.invoke(emulator, endpoint, body))[0]


def test_every_request_is_measured(emulator: e.Emulator, endpoint: str) -> None:
    started = time.monotonic()
    for _ in range(8):
        e.invoke(emulator, endpoint)
    assert failed(emulator, endpoint, "1,2,3,4,5") == "ModelError"
    most = (time.monotonic() - started) * 1e6
    e.wait_until(lambda: measured(emulator, endpoint, "Invocations").get("Sum") == 9)
    assert measured(emulator, endpoint, "Invocation4XXErrors")["Average"] == pytest.approx(1 / 9)
    errors = measured(emulator, endpoint, "Invocation5XXErrors")
    assert (errors["SampleCount"], errors["Sum"], errors["Unit"]) == (9, 0, "None")
    assert measured(emulator, endpoint, "InvocationsPerInstance")["Sum"] == 9
    model, overhead = (measured(emulator, endpoint, name) for name in ("ModelLatency", "OverheadLatency"))
    assert (model["Unit"], overhead["Unit"], model["SampleCount"]) == ("Microseconds", "Microseconds", 9)
    assert 50 < model["Average"] < model["Sum"]
    assert overhead["Average"] > 0
    assert model["Sum"] + overhead["Sum"] < most
    p99 = measured(emulator, endpoint, "ModelLatency", ExtendedStatistics=["p99"])["ExtendedStatistics"]["p99"]
    assert model["Average"] < p99 <= model["Maximum"]


def test_a_container_that_is_gone_is_an_error_of_the_server(emulator: e.Emulator, endpoint: str) -> None:
    before = measured(emulator, endpoint, "Invocation5XXErrors").get("Sum", 0)
    (pid,) = emulator.pids("endpoint", endpoint.lower())
    os.kill(pid, signal.SIGKILL)
    assert failed(emulator, endpoint) == "ModelError"
    e.wait_until(lambda: measured(emulator, endpoint, "Invocation5XXErrors").get("Sum", 0) > before)
    e.wait_until(lambda: e.invoke(emulator, endpoint), retry=ClientError)


def put_alarm(emulator: e.Emulator, name: str, endpoint: str, **changes: Any) -> None:
    alarm = {
        "AlarmName": name,
        "Namespace": "AWS/SageMaker",
        "Dimensions": of(endpoint),
        "Period": 60,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    emulator.client("cloudwatch").put_metric_alarm(**{**alarm, **changes})


def state_of(emulator: e.Emulator, name: str) -> str:
    (alarm,) = emulator.client("cloudwatch").describe_alarms(AlarmNames=[name])["MetricAlarms"]
    state: str = alarm["StateValue"]
    return state


def test_errors_and_latency_set_off_alarms(emulator: e.Emulator, endpoint: str, role: str) -> None:
    serve(emulator, "failing", role, **e.FAILING)
    share = {"MetricName": "Invocation5XXErrors", "Statistic": "Average", "Threshold": 0.05}
    latency = {"MetricName": "ModelLatency", "ExtendedStatistic": "p99"}
    put_alarm(emulator, "errors", "failing", **share)
    put_alarm(emulator, "no-errors", "failing", **{**share, "MetricName": "Invocation4XXErrors"})
    put_alarm(emulator, "slow", endpoint, **latency, Threshold=1)
    put_alarm(emulator, "fast", endpoint, **latency, Threshold=10_000_000)
    e.wait_until(lambda: state_of(emulator, "errors") == state_of(emulator, "no-errors") == "OK")
    for _ in range(3):
        assert failed(emulator, "failing") == "ModelError"
        e.invoke(emulator, endpoint)
    e.wait_until(lambda: state_of(emulator, "errors") == state_of(emulator, "slow") == "ALARM")
    assert state_of(emulator, "no-errors") == state_of(emulator, "fast") == "OK"
    emulator.client("sagemaker").delete_endpoint(EndpointName="failing")
