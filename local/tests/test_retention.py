"""What the emulator remembers is bounded, and what is asked for is still answered."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

import pytest
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch, cloudwatch_logs
from ministack.services import stepfunctions as sf

import emulator as e
from vwt_local import retention
from vwt_local.sagemaker import store

MACHINE = f"arn:aws:states:{e.REGION}:{e.ACCOUNT}:stateMachine:m"
GROUP = "/aws/lambda/predict"
STORES = (
    (cloudwatch, "_metrics"),
    (cloudwatch, "_alarm_history"),
    (cloudwatch_logs, "_log_groups"),
    (cloudwatch_logs, "_log_records"),
    (sf, "_executions"),
    (sf, "_map_runs"),
)
# A minute at noon, so that sets of an hour begin with it.
NOW = 1_800_000_000.0


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in STORES:
        monkeypatch.setattr(module, name, AccountRegionScopedDict())
    for kind in retention._JOBS:
        monkeypatch.setattr(kind.records, "_data", {})
    monkeypatch.setattr(retention.time, "time", lambda: NOW)


def size() -> int:
    """Returns the size of these stores in a snapshot, in characters."""
    stores = [getattr(module, name)._data for module, name in STORES]
    stores += [kind.records._data for kind in retention._JOBS]
    return sum(len(json.dumps(list(each.values()), default=persistence._json_default)) for each in stores)


def log(stream: str, at: float, *texts: str) -> None:
    cloudwatch_logs._create_log_group({"logGroupName": GROUP})
    cloudwatch_logs._create_log_stream({"logGroupName": GROUP, "logStreamName": stream})
    events = [{"timestamp": int(at * 1000), "message": text} for text in texts]
    cloudwatch_logs._put_log_events({"logGroupName": GROUP, "logStreamName": stream, "logEvents": events})


def execution(name: str, at: int, events: int = 120, status: str = "SUCCEEDED") -> dict[str, Any]:
    arn = f"{MACHINE.replace('stateMachine', 'execution')}:{name}"
    details = {"name": "Train", "input": json.dumps({"model": "m", "rows": list(range(100))})}
    sf._executions[arn] = {
        "executionArn": arn,
        "stateMachineArn": MACHINE,
        "status": status,
        "startDate": f"2026-11-26T{at:08d}Z",
        "stopDate": None if status == "RUNNING" else f"2026-11-26T{at:08d}Z",
        "events": [{"id": n, "type": "TaskStateEntered", "stateEnteredEventDetails": details} for n in range(events)],
    }
    return sf._executions[arn]  # type: ignore[no-any-return]


def requests(first: int, count: int) -> None:
    """Leaves behind what as many predictions do, spread over as many seconds."""
    for n in range(first, first + count):
        at = NOW - 20_000 + n
        log(f"stream-{n}", at, *(f"{line} of request {n}: {'x' * 200}" for line in range(6)))
        for metric in ("RecordsAccepted", "Latency"):
            cloudwatch._store_datum("VWT", metric, {"service": "predict"}, at, "Count", n % 7, None, None, None)


def runs(first: int, count: int) -> None:
    for n in range(first, first + count):
        execution(f"run-{n}", n)
        arn = f"arn:aws:sagemaker:{e.REGION}:{e.ACCOUNT}:training-job/job-{n}"
        job = {"TrainingJobStatus": "Completed", "CreationTime": float(n), "HyperParameters": {"a": "b" * 2000}}
        store.TRAINING_JOB.records[arn] = job


def test_three_times_the_work_leaves_no_more_behind() -> None:
    requests(0, 2000)
    runs(0, 300)
    before = size()
    retention.compact()
    bound = size()
    assert bound < before / 4
    for part in (1, 2):
        requests(2000 * part, 2000)
        runs(300 * part, 300)
        retention.compact()
        # Some more sets of metrics, which are an hour's at last.
        assert size() < bound * 1.1


def test_the_newest_logs_are_kept() -> None:
    requests(0, 2000)
    retention.compact()
    kept = set(cloudwatch_logs._log_groups[GROUP]["streams"])
    assert 100 < len(kept) < 2000
    assert kept == {f"stream-{n}" for n in range(2000 - len(kept), 2000)}


def test_a_stream_that_never_ends_keeps_its_end() -> None:
    for n in range(50):
        log("endless", NOW + n, *(f"{n}-{line}" for line in range(200)))
    retention.compact()
    kept = cloudwatch_logs._log_groups[GROUP]["streams"]["endless"]["events"]
    assert (len(kept), kept[-1]["message"]) == (5000, "49-199")


def history(arn: str) -> list[Any]:
    events: list[Any] = []
    token: dict[str, str] = {}
    while True:
        answer = retention.unpacking(sf._get_execution_history)({"executionArn": arn, "maxResults": 50, **token})
        page = json.loads(answer[2])
        events += page["events"]
        if "nextToken" not in page:
            return events
        token = {"nextToken": page["nextToken"]}


def test_histories_of_ended_executions_are_packed_and_read_as_before() -> None:
    ended, running = execution("ended", 1), execution("running", 2, status="RUNNING")
    before = {each["executionArn"]: history(each["executionArn"]) for each in (ended, running)}
    retention.compact()
    assert ended["events"] == []
    assert len(running["events"]) == 120
    assert {arn: history(arn) for arn in before} == before
    assert ended["events"] == []
    # A snapshot and a restart later.
    text = json.dumps(ended, default=persistence._json_default)
    sf._executions[ended["executionArn"]] = json.loads(text, object_hook=persistence._json_object_hook)
    assert history(ended["executionArn"]) == before[ended["executionArn"]]


def test_what_is_written_after_the_end_is_in_the_history_too() -> None:
    ended = execution("ended", 1)
    retention.compact()
    ended["events"].append({"id": 121, "type": "ExecutionAborted"})
    assert [event["id"] for event in history(ended["executionArn"])][-2:] == [119, 121]
    retention.compact()
    assert [event["id"] for event in history(ended["executionArn"])][-2:] == [119, 121]


def test_the_newest_executions_and_all_that_run_are_kept() -> None:
    for n in range(250):
        execution(f"run-{n}", n, events=1, status="RUNNING" if n == 0 else "FAILED")
    retention.compact()
    kept = {arn.rpartition("-")[2] for arn in sf._executions}
    assert kept == {"0", *(str(n) for n in range(50, 250))}


def test_jobs_that_run_are_kept() -> None:
    runs(0, 250)
    oldest = next(iter(store.TRAINING_JOB.records.all_values()))
    oldest["TrainingJobStatus"] = "InProgress"
    retention.compact()
    kept = list(store.TRAINING_JOB.records.all_values())
    assert (len(kept), oldest in kept) == (201, True)


def statistics(points: list[Any], period: int) -> dict[float, Any]:
    def slot(point: Any) -> float:
        return float(point["Timestamp"] // period)

    ordered = sorted(points, key=slot)
    return {at: cloudwatch._calc_stats(list(each)) for at, each in itertools.groupby(ordered, slot)}


def test_sums_means_and_extremes_of_old_metrics_stay() -> None:
    chance = random.Random(1)  # noqa: S311  # the same every time
    ages = [chance.uniform(0, 3 * 86_400) for _ in range(5000)] + [chance.uniform(0, 300) for _ in range(500)]
    for age in sorted(ages, reverse=True):
        cloudwatch._store_datum("VWT", "L", {}, NOW - age, "Count", chance.uniform(1, 9), None, None, None)
    (points,) = cloudwatch._metrics.all_values()
    once = retention.folded(points, NOW)
    assert len(once) < 1000
    for folded in (once, retention.folded(once, NOW)):
        assert statistics(folded, 3600) == {
            at: pytest.approx(values) for at, values in statistics(points, 3600).items()
        }
    recent = [point for point in points if NOW - point["Timestamp"] <= 300]
    assert [point for point in once if "_stat" not in point] == recent
