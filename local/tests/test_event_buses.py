"""Custom event buses: what they take, to whom they give it, and what they keep."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack import app
from ministack.core import iam_evaluator
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import cloudwatch, eventbridge, firehose, kms, sqs
from ministack.services import iam as iam_service

import emulator as e
from in_process import KEY, ROLE, document, put_key, put_role, statement
from vwt_local import delivery_streams, event_buses, event_targets, iam, settings
from vwt_local.conformance import rules
from vwt_local.errors import ApiError

HERE = f"{e.REGION}:{e.ACCOUNT}"
BUS = f"arn:aws:events:{HERE}:event-bus/own"
EVENTS = "events.amazonaws.com"
STREAM = f"arn:aws:firehose:{HERE}:deliverystream/archive"
put_events = event_buses.checking_entries(eventbridge._put_events)


@pytest.fixture(autouse=True)
def _bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Makes a bus `own` with a queue for what its key does not let it have."""
    stores = ("_event_buses", "_rules", "_targets", "_archives", "_event_bus_policies", "_replays", "_events_log")
    for module, names in ((eventbridge, stores), (sqs, ("_queues", "_queue_name_to_url"))):
        for name in names:
            monkeypatch.setattr(module, name, AccountRegionScopedDict())
    for name, wrap in (
        ("_invoke_target", event_targets.asking),
        ("_dispatch_event", event_buses.decrypting),
        ("_archive_event", event_buses.archiving),
    ):
        monkeypatch.setattr(eventbridge, name, wrap(getattr(eventbridge, name)))
    monkeypatch.setattr(iam_evaluator, "_resource_policy", event_buses.with_policies(iam_evaluator._resource_policy))
    monkeypatch.setattr(cloudwatch, "record_metric", lambda *_: None)
    monkeypatch.setattr(app, "AUTH", True)
    monkeypatch.setattr(settings, "_current", settings.Settings(port=0, state=tmp_path, auth=True))
    with request_scope(e.ACCOUNT, e.REGION):
        eventbridge._create_event_bus({"Name": "own", "DeadLetterConfig": {"Arn": queue("undelivered", BUS)}})
        yield
        for store in (kms._keys, iam_service._roles):
            store.clear()


def queue(name: str, source: str, **attributes: str) -> str:
    """Makes a queue that a rule or a bus may fill; returns its ARN."""
    arn = f"arn:aws:sqs:{HERE}:{name}"
    condition = {"ArnEquals": {"aws:SourceArn": source}}
    allow = statement(Principal={"Service": EVENTS}, Action="sqs:SendMessage", Resource=arn, Condition=condition)
    sqs._act_create_queue({"QueueName": name, "Attributes": {"Policy": document(allow), **attributes}}, "")
    return arn


def held(name: str) -> list[dict[str, Any]]:
    return [json.loads(message["body"]) for message in sqs._queues[sqs._queue_url(name)]["messages"]]


def rule(name: str, operator: str, target: str, **settings_of_target: Any) -> None:
    """Makes a rule of the bus for the events of an operator, with one target."""
    pattern = {"detail-type": ["Decided"], "detail": {"operatorId": [operator]}}
    eventbridge._put_rule({"Name": name, "EventBusName": "own", "EventPattern": json.dumps(pattern)})
    targets = [{"Id": "t", "Arn": target, **settings_of_target}]
    eventbridge._put_targets({"Rule": name, "EventBusName": "own", "Targets": targets})


def entry(operator: str = "a", **changes: Any) -> dict[str, Any]:
    detail = json.dumps({"operatorId": operator, "level": 2})
    return {"EventBusName": "own", "Source": "s", "DetailType": "Decided", "Detail": detail, **changes}


def put(*entries: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(put_events({"Entries": list(entries)})[2])
    return answer


def test_each_operators_queue_has_that_operators_events() -> None:
    for name in ("a", "b"):
        rule(f"to-{name}", name, queue(name, f"arn:aws:events:{HERE}:rule/own/to-{name}"))
    assert put(entry("a"), entry("b"), entry("c"))["FailedEntryCount"] == 0
    for name in ("a", "b"):
        (event,) = held(name)
        assert (event["source"], event["detail-type"], event["detail"]["operatorId"]) == ("s", "Decided", name)


def test_an_entry_that_is_refused_fails_and_the_others_are_taken() -> None:
    rule("to-a", "a", queue("a", f"arn:aws:events:{HERE}:rule/own/to-a"))
    answer = put(entry(), entry(Source=""), entry(Detail="[]"), {"EventBusName": "own", "Source": "s"}, entry())
    codes = [result.get("ErrorCode", "EventId" in result) for result in answer["Entries"]]
    assert codes == [True, "InvalidArgument", "MalformedDetail", "InvalidArgument", True]
    assert (answer["FailedEntryCount"], len(held("a"))) == (3, 2)


def test_what_a_queue_does_not_take_is_a_dead_letter_of_the_rule() -> None:
    source = f"arn:aws:events:{HERE}:rule/own/to-a"
    rule("to-a", "a", queue("a", "another-rule"), DeadLetterConfig={"Arn": queue("dead", source)})
    put(entry())
    assert (held("a"), [event["detail"]["operatorId"] for event in held("dead")]) == ([], ["a"])


def test_a_delivery_stream_has_what_the_role_may_put(monkeypatch: pytest.MonkeyPatch) -> None:
    records: list[Any] = []
    monkeypatch.setattr(firehose, "_put_record", lambda data: records.append(data) or (200, {}, b"{}"))
    may_put = statement(Action=["firehose:PutRecord", "firehose:PutRecordBatch"], Resource=STREAM)
    rule("archive", "a", STREAM, RoleArn=put_role(may_put, trusts=EVENTS), InputPath="$.detail")
    put(entry())
    put_role(trusts=EVENTS)
    put(entry())
    (record,) = records
    text = '{"operatorId": "a", "level": 2}'
    assert event_targets.base64.b64decode(record["Record"]["Data"]).decode() == text
    assert record["DeliveryStreamName"] == "archive"


def test_a_delimiter_ends_each_record_and_only_functions_wait() -> None:
    delivered: list[Any] = []
    append = {
        "Type": "AppendDelimiterToRecord",
        "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": "\\n"}],
    }
    config = {"ProcessingConfiguration": {"Enabled": True, "Processors": [append]}}
    destination = {"type": "ExtendedS3", "config": config, "records": [1]}
    deliver = delivery_streams.forgetting(lambda _stream, _destination, records: delivered.extend(records))
    deliver({}, destination, [("1", b"{}")])
    assert delivered == [("1", b"{}\n")]
    assert not delivery_streams._waits(destination)
    append["Type"] = "Lambda"
    assert delivery_streams._waits(destination)


@pytest.mark.parametrize("without", ["kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt"])
def test_without_the_buss_key_an_event_goes_to_the_buss_queue(without: str) -> None:
    actions = [action for action in ("kms:DescribeKey", "kms:GenerateDataKey", "kms:Decrypt") if action != without]
    condition = {"StringEquals": {"aws:SourceArn": BUS, "aws:SourceAccount": e.ACCOUNT}}
    use = statement(Principal={"Service": EVENTS}, Resource="*", Condition=condition)
    put_key(document({**use, "Action": actions}))
    eventbridge._update_event_bus({"Name": "own", "KmsKeyIdentifier": KEY})
    rule("to-a", "a", queue("a", f"arn:aws:events:{HERE}:rule/own/to-a"))
    put(entry())
    assert (len(held("a")), len(held("undelivered"))) == (0, 1)
    put_key(document({**use, "Action": [*actions, without]}))
    put(entry())
    assert (len(held("a")), len(held("undelivered"))) == (1, 1)


def test_an_archive_keeps_what_fits_its_pattern_in_a_file_and_gives_it_again(tmp_path: Path) -> None:
    eventbridge._create_archive(
        {"ArchiveName": "kept", "EventSourceArn": BUS, "EventPattern": '{"detail":{"operatorId":["a"]}}'}
    )
    put(entry("a"), entry("b"), entry("a"))
    assert eventbridge._archives["kept"]["EventCount"] == 2
    events = event_buses.events_of("kept")
    assert [json.loads(event["Detail"])["operatorId"] for event in events] == ["a", "a"]
    (path,) = tmp_path.rglob("*.jsonl")
    with path.open("a") as file:
        file.write('{"cut of')
    assert len(list(events)) == 2
    started = event_buses.replaying(lambda _: len(list(eventbridge._archives["kept"]["Events"])))
    assert started({"EventSourceArn": f"arn:aws:events:{HERE}:archive/kept"}) == 2
    assert eventbridge.get_state()["archives"]["kept"]["Events"] == []
    event_buses.forgetting(eventbridge._delete_archive)({"ArchiveName": "kept"})
    assert not path.exists()


def may_put(role: str) -> bool:
    try:
        iam.require(role, "predict", "events:PutEvents", BUS)
    except ApiError:
        return False
    return True


def test_a_buss_policy_denies_what_a_role_may() -> None:
    put_role(statement(Action="events:PutEvents", Resource=BUS))
    assert may_put(ROLE)
    deny = {**statement(Principal="*", Action="events:PutEvents", Resource=BUS), "Effect": "Deny"}
    put_permission = event_buses.putting_policy(eventbridge._put_permission)
    put_permission({"EventBusName": "own", "Policy": document(deny)})
    assert not may_put(ROLE)
    assert json.loads(eventbridge._describe_event_bus({"Name": "own"})[2])["Policy"] == document(deny)


@pytest.mark.parametrize("large", ["DynamicPartitioningConfiguration", "DataFormatConversionConfiguration"])
def test_partitions_and_conversions_have_large_buffers(large: str) -> None:
    def request(megabytes: int) -> dict[str, Any]:
        return {
            "DeliveryStreamName": "s",
            "ExtendedS3DestinationConfiguration": {
                large: {"Enabled": True},
                "BufferingHints": {"SizeInMBs": megabytes, "IntervalInSeconds": 60},
            },
        }

    found = rules.broken_by("firehose", "CreateDeliveryStream", request(63))
    assert found is not None
    assert found[1].startswith("BufferingHints.SizeInMBs must be at least 64 when ")
    assert rules.broken_by("firehose", "CreateDeliveryStream", request(64)) is None


def test_rules_of_buses_are_kept() -> None:
    request = {"Name": "new", "EventBusName": "own", "EventPattern": "{}"}
    for number in range(299):
        eventbridge._rules[f"own|{number}"] = {"Name": str(number), "EventBusName": "own"}
    assert rules.broken_by("events", "PutRule", request) is None
    eventbridge._rules["own|last"] = {"Name": "last", "EventBusName": "own"}
    assert rules.broken_by("events", "PutRule", request) is not None
    assert rules.broken_by("events", "PutRule", {**request, "Name": "last"}) is None
    archive = {"ArchiveName": "a", "EventSourceArn": BUS}
    assert rules.broken_by("events", "CreateArchive", archive) is None
    found = rules.broken_by("events", "CreateArchive", {**archive, "EventSourceArn": f"{BUS}-none"})
    assert found is not None
    assert found[0].code == "ResourceNotFoundException"
