"""What is told between two snapshots, as an emulator finds it that was killed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ministack.core import persistence
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import dynamodb, lambda_svc, sqs

import emulator as e
from vwt_local.event_sources import poller
from vwt_local.kept import journal, queues, tables
from vwt_local.snapshot import Snapshots

ARN = f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:q"
STORES = (
    *((sqs, name) for name in ("_queues", "_queue_name_to_url")),
    *((dynamodb, name) for name in ("_tables", "_stream_records", "_stream_trimmed")),
    *((lambda_svc, name) for name in ("_esms", "_dynamodb_stream_positions")),
)


@pytest.fixture(autouse=True)
def snapshots(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Snapshots]:
    """Makes a queue `q` with a dead-letter queue and a table with a stream, of which the snapshot knows."""
    for module, name in STORES:
        monkeypatch.setattr(module, name, AccountRegionScopedDict())
    for module, name, wrap in (
        (sqs, "_collect_msgs", queues.receiving),
        (sqs, "_dlq_sweep", queues.sweeping),
        (dynamodb, "_set_item", tables.setting),
        (dynamodb, "_remove_item", tables.removing),
        (dynamodb, "_emit_stream_event", tables.streaming),
    ):
        monkeypatch.setattr(module, name, wrap(getattr(module, name)))
    monkeypatch.setattr(sqs.esm_wake, "set", poller.waking(lambda: None))
    monkeypatch.setattr(journal, "_journal", None)
    monkeypatch.setattr(tables, "_told", [])
    made = Snapshots(tmp_path)
    with request_scope(e.ACCOUNT, e.REGION):
        redrive = json.dumps({"deadLetterTargetArn": f"{ARN}-dead", "maxReceiveCount": 1})
        for name, attributes in (("q-dead", {}), ("q", {"RedrivePolicy": redrive})):
            sqs._act_create_queue({"QueueName": name, "Attributes": attributes}, "")
        dynamodb._create_table(
            {
                "TableName": "changed",
                "KeySchema": [{"AttributeName": "k", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "k", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
                "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            }
        )
        stream = dynamodb._tables["changed"]["LatestStreamArn"]
        lambda_svc._esms["m"] = {"UUID": "m", "EventSourceArn": stream}
        made.restoring(lambda: None)()
        yield made


STATES = {
    "sqs": sqs.get_state,
    "dynamodb": tables.with_streams(dynamodb.get_state),
    "s3": lambda: {"buckets": {}},
    "lambda": lambda: {
        "esms": lambda_svc._esms,
        "dynamodb_stream_positions": lambda_svc._dynamodb_stream_positions,
    },
}


def killed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forgets everything, and starts with what is in a folder."""
    for module, name in STORES:
        monkeypatch.setattr(module, name, AccountRegionScopedDict())
    again = Snapshots(folder)
    loads = {
        "sqs": sqs.load_persisted_state,
        "dynamodb": tables.loading(dynamodb.load_persisted_state),
        "lambda": lambda data: (
            lambda_svc._restore_esms(data["esms"]),
            lambda_svc._dynamodb_stream_positions.update(data["dynamodb_stream_positions"]),
        ),
    }
    again.restoring(lambda: [load(again.load(name)) for name, load in loads.items()])()  # type: ignore[func-returns-value]


def send(*bodies: str) -> None:
    for body in bodies:
        sqs._act_send_message({"MessageBody": body}, sqs._queue_url("q"))


def held(name: str = "q") -> list[str]:
    return [message["body"] for message in sqs._queues[sqs._queue_url(name)]["messages"]]


def put(*numbers: int) -> None:
    write = tables.writing(dynamodb._put_item)
    for number in numbers:
        write({"TableName": "changed", "Item": {"k": {"S": f"k{number % 2}"}, "n": {"N": str(number)}}})


def changes(position: int) -> list[str]:
    records = dynamodb.stream_records_since("changed", position, 100)
    return [record["dynamodb"]["NewImage"]["n"]["N"] for record in records]


def test_messages_come_back_in_their_order_and_those_that_are_gone_do_not(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("a", "b")
    snapshots.save(STATES)
    send("c", "d")
    delete = queues.deleting(sqs._act_delete_message)
    (first,) = sqs._collect_msgs(sqs._queues[sqs._queue_url("q")], 1, 0)
    delete({"ReceiptHandle": first["receipt_handle"]}, sqs._queue_url("q"))
    killed(tmp_path, monkeypatch)
    assert held() == ["b", "c", "d"]


def test_a_message_that_was_moved_is_where_it_was_moved_to(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("a")
    snapshots.save(STATES)
    queue = sqs._queues[sqs._queue_url("q")]
    sqs._collect_msgs(queue, 1, 0)
    sqs._dlq_sweep(queue)
    killed(tmp_path, monkeypatch)
    assert (held(), held("q-dead")) == ([], ["a"])


def test_a_time_out_of_sight_goes_on(snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    send("a")
    snapshots.save(STATES)
    (message,) = sqs._collect_msgs(sqs._queues[sqs._queue_url("q")], 1, 60)
    hide = queues.hiding(sqs._act_change_visibility)
    hide({"ReceiptHandle": message["receipt_handle"], "VisibilityTimeout": 900}, sqs._queue_url("q"))
    killed(tmp_path, monkeypatch)
    (again,) = sqs._queues[sqs._queue_url("q")]["messages"]
    assert (again["visible_at"], again["receive_count"]) == (message["visible_at"], 1)


def test_what_a_function_had_comes_again_at_once(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send("a", "b")
    snapshots.save(STATES)
    queue = sqs._queues[sqs._queue_url("q")]
    (message,) = sqs._collect_msgs(queue, 1, 60)
    queues.received(queue, [message], by_function=True)
    killed(tmp_path, monkeypatch)
    assert [each["visible_at"] <= time.time() for each in sqs._queues[sqs._queue_url("q")]["messages"]] == [True, True]


def test_items_and_their_changes_come_back_and_what_was_read_is_not_read_again(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(0, 1)
    snapshots.save(STATES)
    put(2, 3)
    remove = tables.writing(dynamodb._delete_item)
    remove({"TableName": "changed", "Key": {"k": {"S": "k0"}}})
    tables.position(e.ACCOUNT, e.REGION, "m", 3)
    killed(tmp_path, monkeypatch)
    items = dynamodb._tables["changed"]["items"]
    assert [sorted(each["n"]["N"] for each in items[key].values()) for key in items] == [["3"]]
    position = lambda_svc._dynamodb_stream_positions["m"]
    records = dynamodb.stream_records_since("changed", position, 100)
    assert [record["eventName"] for record in records] == ["MODIFY", "REMOVE"]
    put(4)
    assert changes(position + 2) == ["4"]


def test_changes_that_all_have_read_are_not_kept_for_ever(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_READ", 1)
    put(*range(5))
    lambda_svc._dynamodb_stream_positions["m"] = 3
    snapshots.save(STATES)
    killed(tmp_path, monkeypatch)
    assert (dynamodb.stream_start_position("changed"), changes(0)) == (3, ["3", "4"])


def test_what_a_request_has_written_is_there_as_a_whole_or_not_at_all(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshots.save(STATES)
    write = tables.writing(dynamodb._transact_write_items)
    puts = [{"Put": {"TableName": "changed", "Item": {"k": {"S": key}}}} for key in ("state", "history")]
    write({"TransactItems": puts})
    (path,) = (tmp_path / "journal").iterdir()
    (line,) = path.read_text().splitlines(keepends=True)
    for text, found in ((line[:-1], 0), (line, 2)):
        path.write_text(text)
        killed(tmp_path, monkeypatch)
        assert len(dynamodb._tables["changed"]["items"]) == found


def test_a_journal_goes_once_a_snapshot_holds_it(snapshots: Snapshots, tmp_path: Path) -> None:
    send("a")
    snapshots.save({name: get for name, get in STATES.items() if name != "sqs"})
    assert len(list((tmp_path / "journal").iterdir())) == 1
    snapshots.save(STATES)
    assert list((tmp_path / "journal").iterdir()) == []


def test_what_comes_while_a_snapshot_is_made_is_in_the_journal(
    snapshots: Snapshots, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied_too_early() -> Any:
        state = json.loads(
            json.dumps(sqs.get_state(), default=persistence._json_default), object_hook=persistence._json_object_hook
        )
        send("while")
        return state

    snapshots.save({**STATES, "sqs": copied_too_early})
    killed(tmp_path, monkeypatch)
    assert held() == ["while"]
