"""Queues and streams that functions are mapped to, read on the event loop; the functions only seem to be."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from ministack import app
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import dynamodb, kms, lambda_svc, sqs
from ministack.services import iam as iam_service

import emulator as e
from in_process import document, put_key, put_role, statement
from vwt_local import concurrency, function_calls
from vwt_local.conformance import rules
from vwt_local.event_sources import checks, poller, queues, sources, streams

QUEUE = f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:q"
DEAD = f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:dead"
ARN = f"arn:aws:lambda:{e.REGION}:{e.ACCOUNT}:function:f"
READ_QUEUE = statement(Action=["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource=QUEUE)
ON_STREAM = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"]
DECRYPT = statement(Action="kms:Decrypt", Resource="*")
REDRIVE = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 1})
create = checks.creating(lambda_svc._create_esm)
update = checks.updating(lambda_svc._update_esm)

Answer = Callable[[list[dict[str, Any]]], Any]


class Functions:
    """What the functions were called with, and what they answer."""

    def __init__(self) -> None:
        self.batches: list[list[dict[str, Any]]] = []
        self.answer: Answer = lambda _records: None
        self.pauses: list[float] = []

    async def call(self, _function: Any, event: dict[str, Any]) -> dict[str, Any]:
        self.batches.append(event["Records"])
        answer = self.answer(event["Records"])
        answer = await answer if isinstance(answer, Awaitable) else answer
        return answer if isinstance(answer, dict) and "error" in answer else {"body": answer}

    @property
    def bodies(self) -> list[list[Any]]:
        return [[json.loads(record["body"]) for record in batch] for batch in self.batches]

    @property
    def items(self) -> list[list[str]]:
        return [[record["dynamodb"]["NewImage"]["n"]["N"] for record in batch] for batch in self.batches]


FAILED = {"error": True}


@pytest.fixture(autouse=True)
def functions(monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    """Makes an account with a function `f`, a queue `q` with a dead-letter queue, and a table with a stream."""
    made = Functions()
    for module, name in (
        *((lambda_svc, name) for name in ("_functions", "_esms")),
        *((sqs, name) for name in ("_queues", "_queue_name_to_url")),
        *((dynamodb, name) for name in ("_tables", "_stream_records", "_stream_trimmed")),
    ):
        monkeypatch.setattr(module, name, AccountRegionScopedDict())
    monkeypatch.setattr(app, "AUTH", True)
    monkeypatch.setattr(function_calls, "anywhere", made.call)
    monkeypatch.setattr(sources, "_verdicts", {})
    monkeypatch.setattr(poller, "_woken", asyncio.Event())
    monkeypatch.setattr(poller, "_tasks", set())
    monkeypatch.setattr(streams, "_tasks", {})
    monkeypatch.setattr(streams, "_PAUSE", 0.001)
    monkeypatch.setattr(lambda_svc, "_ensure_poller", poller.wake)
    with request_scope(e.ACCOUNT, e.REGION):
        role = put_role(READ_QUEUE, trusts="lambda.amazonaws.com")
        config = {"FunctionName": "f", "FunctionArn": ARN, "Role": role, "Timeout": 30, "Runtime": "nodejs22.x"}
        lambda_svc._functions["f"] = {"config": config, "aliases": {}, "versions": {}}
        for name, attributes in (("dead", {}), ("q", {"RedrivePolicy": REDRIVE})):
            sqs._act_create_queue({"QueueName": name, "Attributes": attributes}, "")
        key_schema = [{"AttributeName": "k", "KeyType": "HASH"}]
        table = {
            "TableName": "changed",
            "KeySchema": key_schema,
            "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        }
        dynamodb._create_table(table)
        yield made
        for store in (iam_service._roles, kms._keys, lambda_svc._dynamodb_stream_positions):
            store.clear()


def stream() -> str:
    arn: str = dynamodb._tables["changed"]["LatestStreamArn"]
    return arn


def may_read_stream() -> None:
    every = statement(Action="dynamodb:ListStreams", Resource=f"{stream().rpartition('/')[0]}/*")
    put_role(statement(Action=ON_STREAM, Resource=stream()), every, trusts="lambda.amazonaws.com")


def asked(answer: tuple[int, Any, bytes]) -> tuple[int, str]:
    """Returns the status of an answer, and its error's text."""
    return answer[0], json.loads(answer[2]).get("message", "")


def mapped(arn: str = QUEUE, **settings: Any) -> dict[str, Any]:
    """Maps a source to the function; returns Lambda's record of the mapping."""
    status, text = asked(create({"FunctionName": "f", "EventSourceArn": arn, **settings}))
    assert status == 202, text
    (mapping,) = lambda_svc._esms.values()
    return mapping  # type: ignore[no-any-return]


def send(*bodies: Any, to: str = "q") -> None:
    for body in bodies:
        sqs._act_send_message({"MessageBody": json.dumps(body)}, sqs._queue_url(to))


def held(name: str = "q") -> list[Any]:
    return [json.loads(message["body"]) for message in sqs._queues[sqs._queue_url(name)]["messages"]]


def put(*numbers: int) -> None:
    for number in numbers:
        dynamodb._put_item({"TableName": "changed", "Item": {"k": {"S": f"k{number % 2}"}, "n": {"N": str(number)}}})


def polled(until: Callable[[], object], meanwhile: Callable[[], None] = lambda: None) -> None:
    """Runs the poller until something holds."""

    async def run() -> None:
        app._MAIN_LOOP = asyncio.get_running_loop()
        poller._woken = asyncio.Event()
        poller.wake()
        await asyncio.sleep(0)
        meanwhile()
        poller.wake()
        deadline = time.monotonic() + 10
        while not until():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.001)
        await asyncio.sleep(0)
        app._MAIN_LOOP = None

    asyncio.run(run())


def test_what_a_function_has_done_is_deleted(functions: Functions) -> None:
    mapped(BatchSize=2)
    send(1, 2, 3)
    polled(lambda: not held())
    assert functions.bodies == [[1, 2], [3]]
    record = functions.batches[0][0]
    assert record["eventSourceARN"] == QUEUE
    assert record["attributes"]["ApproximateReceiveCount"] == "1"


def test_a_message_wakes_the_poller(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqs.esm_wake, "set", poller.waking(lambda: None))
    mapped()
    polled(lambda: not held() and functions.batches, meanwhile=lambda: send("late"))
    assert functions.bodies == [["late"]]


def test_what_failed_comes_again_when_its_time_is_over_and_then_is_a_dead_letter(functions: Functions) -> None:
    functions.answer = lambda _: FAILED
    mapped()
    send(1)
    polled(lambda: functions.batches)
    assert (held(), held("dead")) == ([1], [])
    (message,) = sqs._queues[sqs._queue_url("q")]["messages"]
    message["visible_at"] = time.time() + 0.01
    polled(lambda: held("dead") == [1])
    assert (len(functions.batches), held()) == (1, [])


def ids(*bodies: int) -> Answer:
    """Returns the answer by which a function reports the messages with these bodies."""
    return lambda records: {
        "batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in records if json.loads(r["body"]) in bodies]
    }


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        (ids(2), [2]),
        (ids(), []),
        (lambda _: {}, []),
        (lambda _: {"batchItemFailures": None}, []),
        (lambda _: {"batchItemFailures": [{"itemIdentifier": ""}]}, [1, 2, 3]),
        (lambda _: {"batchItemFailures": [{"item": "x"}]}, [1, 2, 3]),
        (lambda _: {"batchItemFailures": [{"itemIdentifier": "of no message"}]}, [1, 2, 3]),
        (lambda _: "no object", [1, 2, 3]),
    ],
)
def test_a_function_reports_what_has_failed(functions: Functions, answer: Answer, left: list[int]) -> None:
    functions.answer = answer
    mapping = mapped(FunctionResponseTypes=["ReportBatchItemFailures"])
    send(1, 2, 3)
    polled(lambda: mapping["LastProcessingResult"] == "OK" and not queues._tasks)
    assert held() == left


def test_without_the_setting_a_report_is_not_read(functions: Functions) -> None:
    functions.answer = ids(2)
    mapped()
    send(1, 2)
    polled(lambda: not held())


def test_no_more_batches_run_at_once_than_may(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queues, "ENVIRONMENTS", 3)
    running, most = 0, 0

    async def answer() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001)
        running -= 1

    functions.answer = lambda _: answer()
    mapping = mapped(BatchSize=1, ScalingConfig={"MaximumConcurrency": 2})
    send(*range(9))
    polled(lambda: not held())
    assert most == 2
    mapping["ScalingConfig"] = {"MaximumConcurrency": 9}
    send(*range(9))
    polled(lambda: not held())
    assert most == 3


def test_a_throttled_call_is_repeated_while_its_messages_are_out_of_sight(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "_THROTTLED", 0.001)
    functions.answer = lambda _: {"error": True, "throttle": True} if len(functions.batches) < 3 else None
    mapped()
    send(1)
    polled(lambda: not held())
    assert functions.bodies == [[1]] * 3


def test_a_group_that_is_worked_on_is_waited_for_without_looking_again(functions: Functions) -> None:
    sqs._act_create_queue({"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true"}}, "")
    put_role({**READ_QUEUE, "Resource": FIFO}, trusts="lambda.amazonaws.com")
    source = sources.Source(e.ACCOUNT, e.REGION, mapped(FIFO, BatchSize=1))
    for number in range(2):
        message = {"MessageBody": str(number), "MessageGroupId": "g", "MessageDeduplicationId": str(number)}
        sqs._act_send_message(message, sqs._queue_url("q.fifo"))
    first, second = sqs._queues[sqs._queue_url("q.fifo")]["messages"]
    first.update(visible_at=time.time() + 60, receive_count=1)
    assert queues.read(source, lambda: None) == first["visible_at"]
    assert (functions.batches, second["receive_count"]) == ([], 0)


def test_a_window_gathers_messages(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    at = 1000.0
    monkeypatch.setattr(queues, "now", lambda: at)
    mapping = mapped(BatchSize=20, MaximumBatchingWindowInSeconds=5)
    source = sources.Source(e.ACCOUNT, e.REGION, mapping)
    send(1)
    sqs._queues[sqs._queue_url("q")]["messages"][0]["visible_at"] = 0
    assert queues.read(source, lambda: None) == 1005.0
    at = 1004.0
    assert queues.read(source, lambda: None) == 1005.0
    assert functions.batches == []
    monkeypatch.setattr(queues, "now", time.time)
    polled(lambda: not held())
    assert functions.bodies == [[1]]


def test_what_fits_no_filter_is_deleted_unseen(functions: Functions) -> None:
    pattern = json.dumps({"body": {"kind": ["wanted", {"prefix": "also-"}]}})
    mapped(FilterCriteria={"Filters": [{"Pattern": pattern}]})
    send({"kind": "other"}, {"kind": "wanted"}, {"kind": "also-this"})
    polled(lambda: not held())
    assert functions.bodies == [[{"kind": "wanted"}, {"kind": "also-this"}]]


@pytest.mark.parametrize("without", READ_QUEUE["Action"])
def test_a_queue_is_read_by_a_role_that_may(functions: Functions, without: str) -> None:
    less = {**READ_QUEUE, "Action": [action for action in READ_QUEUE["Action"] if action != without]}
    put_role(less, trusts="lambda.amazonaws.com")
    refusal = f"The provided execution role does not have permissions to call {without.partition(':')[2]} on SQS"
    assert asked(create({"FunctionName": "f", "EventSourceArn": QUEUE})) == (400, refusal)
    put_role(READ_QUEUE, trusts="lambda.amazonaws.com")
    mapping = mapped()
    put_role(less, trusts="lambda.amazonaws.com")
    send(1)
    polled(lambda: mapping["LastProcessingResult"] == f"PROBLEM: {refusal}")
    assert asked(update(mapping["UUID"], {"BatchSize": 5})) == (400, refusal)
    assert functions.batches == []


def test_an_encrypted_queue_is_read_by_a_role_that_may_decrypt() -> None:
    key = put_key(document(statement(Principal={"AWS": f"arn:aws:iam::{e.ACCOUNT}:root"}, Action="*", Resource="*")))
    sqs._act_set_queue_attributes({"Attributes": {"KmsMasterKeyId": key}}, sqs._queue_url("q"))
    request = {"FunctionName": "f", "EventSourceArn": QUEUE}
    refusal = "The provided execution role does not have permissions to call Decrypt on SQS"
    assert asked(create(request)) == (400, refusal)
    put_role(READ_QUEUE, DECRYPT, trusts="lambda.amazonaws.com")
    assert create(request)[0] == 202


def test_a_stream_is_read_in_its_order_from_where_the_mapping_starts(functions: Functions) -> None:
    may_read_stream()
    put(0, 1)
    mapping = mapped(stream(), StartingPosition="LATEST", BatchSize=2)
    put(2, 3, 4)
    polled(lambda: len(functions.batches) == 2)
    assert functions.items == [["2", "3"], ["4"]]
    assert (mapping["MaximumRetryAttempts"], mapping["ParallelizationFactor"]) == (-1, 1)
    assert lambda_svc._dynamodb_stream_positions[mapping["UUID"]] == 5


@pytest.mark.parametrize("without", [*ON_STREAM, "dynamodb:ListStreams"])
def test_a_stream_is_read_by_a_role_that_may(without: str) -> None:
    actions = [action for action in (*ON_STREAM, "dynamodb:ListStreams") if action != without]
    put_role(statement(Action=actions, Resource="*"), trusts="lambda.amazonaws.com")
    request = {"FunctionName": "f", "EventSourceArn": stream(), "StartingPosition": "LATEST"}
    status, text = asked(create(request))
    assert (status, text.startswith(f"Cannot access stream {stream()}. Please ensure the role")) == (400, True)
    may_read_stream()
    assert create(request)[0] == 202


def test_records_that_fail_stay_before_those_after_them(functions: Functions) -> None:
    may_read_stream()
    functions.answer = lambda _: FAILED if len(functions.batches) < 3 else None
    mapped(stream(), StartingPosition="TRIM_HORIZON", BatchSize=2)
    put(0, 1, 2)
    polled(lambda: len(functions.batches) == 4)
    assert functions.items == [["0", "1"], ["0", "1"], ["0", "1"], ["2"]]


def test_what_a_function_has_done_of_a_stream_is_not_repeated(functions: Functions) -> None:
    may_read_stream()
    numbers = {"failures": ["1"]}

    def answer(records: list[dict[str, Any]]) -> Any:
        failed = [r for r in records if r["dynamodb"]["NewImage"]["n"]["N"] in numbers["failures"]]
        numbers["failures"] = []
        return {"batchItemFailures": [{"itemIdentifier": r["dynamodb"]["SequenceNumber"]} for r in failed]}

    functions.answer = answer
    settings = {"StartingPosition": "TRIM_HORIZON", "FunctionResponseTypes": ["ReportBatchItemFailures"]}
    mapped(stream(), **settings)
    put(0, 1, 2)
    polled(lambda: len(functions.batches) == 2)
    assert functions.items == [["0", "1", "2"], ["1", "2"]]


def test_a_batch_is_split_until_the_bad_record_is_alone_and_told(functions: Functions) -> None:
    may_read_stream()
    role = iam_service._roles["actor"]["InlinePolicies"]
    policy = json.loads(role["p"])
    role["p"] = document(*policy["Statement"], statement(Action="sqs:SendMessage", Resource=DEAD))
    bad = "2"
    functions.answer = lambda records: (
        FAILED if any(r["dynamodb"]["NewImage"]["n"]["N"] == bad for r in records) else None
    )
    settings = {
        "BisectBatchOnFunctionError": True,
        "MaximumRetryAttempts": 1,
        "DestinationConfig": {"OnFailure": {"Destination": DEAD}},
    }
    mapped(stream(), StartingPosition="TRIM_HORIZON", **settings)
    put(0, 1, 2, 3)
    polled(lambda: functions.items[-1:] == [["3"]])
    assert functions.items == [["0", "1", "2", "3"], ["0", "1"], ["2", "3"], ["2"], ["2"], ["3"]]
    (told,) = held("dead")
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1


def test_the_poller_looks_again_once_a_stream_was_read(functions: Functions) -> None:
    may_read_stream()
    source = sources.Source(e.ACCOUNT, e.REGION, mapped(stream(), StartingPosition="TRIM_HORIZON"))
    put(1)

    async def read() -> None:
        looked = asyncio.Event()
        streams.read(source, looked.set)
        streams.read(source, looked.set)
        await looked.wait()

    asyncio.run(read())
    assert (functions.items, streams._tasks) == ([["1"]], {})


def test_records_that_fit_no_filter_are_passed_over(functions: Functions) -> None:
    may_read_stream()
    pattern = json.dumps({"eventName": ["INSERT"], "dynamodb": {"NewImage": {"n": {"N": ["1"]}}}})
    mapped(stream(), StartingPosition="TRIM_HORIZON", FilterCriteria={"Filters": [{"Pattern": pattern}]})
    put(0, 1, 2)
    polled(lambda: lambda_svc._dynamodb_stream_positions and not streams._tasks)
    assert functions.items == [["1"]]


def request(arn: str = QUEUE, **settings: Any) -> dict[str, Any]:
    return {"FunctionName": "f", "EventSourceArn": arn, **settings}


FIFO = f"{QUEUE}.fifo"
PATTERNS = [{"Pattern": '{"body":{"a":["b"]}}'}]
# What is refused, a part of the text, and what differs in nothing else and is not.
CASES = {
    "source": (request(f"{QUEUE}-none"), "The specified queue does not exist", request()),
    "window": (request(BatchSize=11), "window", request(BatchSize=11, MaximumBatchingWindowInSeconds=1)),
    "fifo batch": (request(FIFO, BatchSize=11), "FIFO", request(FIFO, BatchSize=10)),
    "fifo window": (request(FIFO, MaximumBatchingWindowInSeconds=1), "FIFO", request(FIFO)),
    "settings": (request(MaximumRetryAttempts=1), "MaximumRetryAttempts", request(ScalingConfig={})),
    "filters": (
        request(FilterCriteria={"Filters": PATTERNS * 6}),
        "Maximum number",
        request(FilterCriteria={"Filters": PATTERNS * 5}),
    ),
    "pattern": (
        request(FilterCriteria={"Filters": [{"Pattern": '{"body":"a"}'}]}),
        "Invalid filter pattern",
        request(FilterCriteria={"Filters": PATTERNS}),
    ),
    "start": (request("stream"), "StartingPosition", request("stream", StartingPosition="LATEST")),
    "instant": (
        request("stream", StartingPosition="AT_TIMESTAMP"),
        "Unsupported starting position",
        request("stream", StartingPosition="TRIM_HORIZON"),
    ),
    "scaling of a stream": (
        request("stream", StartingPosition="LATEST", ScalingConfig={"MaximumConcurrency": 2}),
        "ScalingConfig",
        request("stream", StartingPosition="LATEST", MaximumRetryAttempts=1),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_rule_of_mappings_is_kept(case: str) -> None:
    sqs._act_create_queue({"QueueName": "q.fifo", "Attributes": {"FifoQueue": "true"}}, "")
    broken, text, kept = (
        {**part, "EventSourceArn": stream()} if isinstance(part, dict) and part["EventSourceArn"] == "stream" else part
        for part in CASES[case]
    )
    found = rules.broken_by("lambda", "CreateEventSourceMapping", broken)
    assert found is not None
    assert text in found[1], found[1]
    assert rules.broken_by("lambda", "CreateEventSourceMapping", kept) is None


def test_messages_stay_out_of_sight_for_as_long_as_the_function_may_take() -> None:
    lambda_svc._functions["f"]["config"]["Timeout"] = 31
    found = rules.broken_by("lambda", "CreateEventSourceMapping", request())
    assert found is not None
    assert found[1] == "Queue visibility timeout: 30 seconds is less than Function timeout: 31 seconds"


def test_a_source_has_one_mapping_to_a_function() -> None:
    mapping = mapped()
    found = rules.broken_by("lambda", "CreateEventSourceMapping", request())
    assert found is not None
    rule, text = found
    assert (rule.code, rule.status, mapping["UUID"] in text) == ("ResourceConflictException", 409, True)
    alias = {**request(), "FunctionName": "f:live"}
    assert rules.broken_by("lambda", "CreateEventSourceMapping", alias) is None
    assert rules.broken_by("lambda", "UpdateEventSourceMapping", {"UUID": mapping["UUID"], "BatchSize": 5}) is None
    wrong = {"UUID": mapping["UUID"], "BatchSize": 50}
    assert rules.broken_by("lambda", "UpdateEventSourceMapping", wrong) is not None


def test_as_many_batches_run_as_a_function_has_environments() -> None:
    assert queues.ENVIRONMENTS == concurrency.ENVIRONMENTS
