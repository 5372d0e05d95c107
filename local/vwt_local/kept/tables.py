"""Keeps tables: each item before its writer is answered, the stream of changes, and what functions have read of it.

MiniStack's state has no streams, though it has the positions in them: after a restart a function would skip as many
changes as it had read before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import dynamodb, lambda_svc

from ..json_service import JsonObject
from . import journal

_STREAMS = "vwtStreams"
# Records that nobody has to read any more, but that a mapping which starts at the oldest would.
_READ = 100

# Facts of the request that is being carried out.
_told: list[journal.Fact] = []


def setting(put: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps `_set_item`."""

    def set_item(table: JsonObject, partition: Any, sort: Any, item: JsonObject) -> Any:
        _told.append(("item", table["TableArn"], partition, sort, item))
        return put(table, partition, sort, item)

    return set_item


def removing(remove: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps `_remove_item`."""

    def remove_item(table: JsonObject, partition: Any, sort: Any) -> Any:
        _told.append(("item", table["TableArn"], partition, sort, None))
        return remove(table, partition, sort)

    return remove_item


def streaming(emit: Callable[..., Any]) -> Callable[..., Any]:
    """Wraps `_emit_stream_event`."""

    def emit_stream_event(name: str, *change: Any, **named: Any) -> None:
        before = len(dynamodb._stream_records.get(name) or ())
        emit(name, *change, **named)
        records = dynamodb._stream_records.get(name) or []
        if len(records) > before:
            _told.append(("change", dynamodb._tables[name]["TableArn"], records[-1]))

    return emit_stream_event


def writing(write: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps what carries out a request that writes: all that it has done is written at once."""

    def write_and_keep(data: JsonObject) -> Any:
        answer = write(data)
        flush()
        return answer

    return write_and_keep


def flush() -> None:
    """Writes the facts that have not been."""
    facts = tuple(_told)
    del _told[: len(facts)]
    journal.write(*facts)


def position(account: str, region: str, mapping: str, place: int) -> None:
    """Keeps how far a mapping has read its stream."""
    journal.write(("position", account, region, mapping, place))


def with_streams(get: Callable[[], JsonObject]) -> Callable[[], JsonObject]:
    """Wraps `get_state`: adds of each stream what some function has yet to read."""

    def get_state() -> JsonObject:
        streams = {}
        for (account, region, name), records in list(dynamodb._stream_records.all_items()):
            trimmed = dynamodb._stream_trimmed.get_scoped(account, region, name, 0)
            start = max(trimmed, min(_read_to(account, region, name), trimmed + len(records) - _READ))
            streams["\n".join((account, region, name))] = [start, records[start - trimmed :]]
        return {**get(), _STREAMS: streams}

    return get_state


def _read_to(account: str, region: str, name: str) -> int:
    """Returns the position that all mappings of a table's stream have reached."""
    table = dynamodb._tables.get_scoped(account, region, name) or {}
    arn = table.get("LatestStreamArn")
    mappings = [key for key, each in list(lambda_svc._esms._data.items()) if each["EventSourceArn"] == arn]
    places = [lambda_svc._dynamodb_stream_positions._data.get(key, 0) for key in mappings]
    end: int = dynamodb.stream_end_position(name, account_id=account, region=region)
    return min(places, default=end)


def loading(load: Callable[[JsonObject], None]) -> Callable[[JsonObject], None]:
    """Wraps `load_persisted_state`."""

    def load_persisted_state(data: JsonObject) -> None:
        load(data)
        for key, (start, records) in data.get(_STREAMS, {}).items():
            scope = key.split("\n")
            dynamodb._stream_records.set_scoped(*scope, records)
            dynamodb._stream_trimmed.set_scoped(*scope, start)

    return load_persisted_state


def _table(arn: str) -> tuple[tuple[str, str, str], JsonObject | None]:
    region, account = arn.split(":")[3:5]
    scope = (account, region, arn.rpartition("/")[2])
    return scope, dynamodb._tables.get_scoped(*scope)


def _restore_item(arn: str, partition: Any, sort: Any, item: JsonObject | None) -> None:
    _, table = _table(arn)
    if table is None:
        return
    if item is None:
        dynamodb._remove_item(table, partition, sort)
    else:
        dynamodb._set_item(table, partition, sort, item)


def _restore_change(arn: str, record: JsonObject) -> None:
    scope, table = _table(arn)
    if table is None:
        return
    records = dynamodb._stream_records.get_scoped(*scope)
    if records is None:
        records = []
        dynamodb._stream_records.set_scoped(*scope, records)
    number = record["dynamodb"]["SequenceNumber"]
    if not records or records[-1]["dynamodb"]["SequenceNumber"] < number:
        records.append(record)


def _restore_position(account: str, region: str, mapping: str, place: int) -> None:
    positions = lambda_svc._dynamodb_stream_positions
    held = positions.get_scoped(account, region, mapping)
    positions.set_scoped(account, region, mapping, max(place, held or 0))


def restore(read: Callable[[dict[str, Callable[..., None]]], None]) -> None:
    """Restores tables from their facts."""
    read({"item": _restore_item, "change": _restore_change, "position": _restore_position})
    _told.clear()
