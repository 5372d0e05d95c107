"""Event buses: which entries of PutEvents are taken, buses' policies and keys, and archives, which are files.

MiniStack takes any entry, and keeps what it archives in memory and in every snapshot.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ministack.core.responses import get_account_id, get_region, json_response
from ministack.services import eventbridge, sqs

from . import iam, keys, settings, threads
from .errors import ApiError
from .json_service import JsonObject
from .roles import acts, reach

_log = logging.getLogger(__name__)

_SERVICE = "events.amazonaws.com"
_REQUIRED = ("Source", "DetailType", "Detail")
# MiniStack keeps every event that it ever took, and shows it to nobody.
_MOST_LOGGED = 100

Put = Callable[..., Any]
Refusal = dict[str, str]


def checking_entries(put: Put) -> Put:
    """Wraps `_put_events`: an entry that AWS refuses fails, and the others are taken."""

    def put_events(data: JsonObject, *trusted: bool, **named: bool) -> Any:
        entries = data["Entries"]
        refused = {place: refusal for place, entry in enumerate(entries) if (refusal := _refusal(entry))}
        if not refused:
            answer = put(data, *trusted, **named)
            del eventbridge._events_log_list()[:-_MOST_LOGGED]
            return answer
        taken = [entry for place, entry in enumerate(entries) if place not in refused]
        told: JsonObject = (
            json.loads(put({**data, "Entries": taken}, *trusted, **named)[2]) if taken else {"FailedEntryCount": 0}
        )
        others = iter(told.get("Entries", ()))
        results = [refused.get(place) or next(others) for place in range(len(entries))]
        return json_response({"FailedEntryCount": told["FailedEntryCount"] + len(refused), "Entries": results})

    return put_events


def _refusal(entry: JsonObject) -> Refusal | None:
    """Tells why AWS does not take an entry. Source: EventBridge API reference, PutEventsRequestEntry and -ResultEntry;
    the texts are those that getmoto/moto asserts.
    """
    for member in _REQUIRED:
        if not entry.get(member):
            reason = f"Parameter {member} is not valid. Reason: {member} is a required argument."
            return {"ErrorCode": "InvalidArgument", "ErrorMessage": reason}
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    return (
        None if isinstance(detail, dict) else {"ErrorCode": "MalformedDetail", "ErrorMessage": "Detail is malformed."}
    )


def decrypting(dispatch: Callable[..., None]) -> Callable[..., None]:
    """Wraps `_dispatch_event`: what the key of a bus does not let EventBridge encrypt goes to the bus's own queue.

    Executions and replays send their events from threads, which would meet the requests of the queues.
    """

    def dispatch_event(event: JsonObject, view: Any = None) -> None:
        threads.serially(partial(dispatch_serially, event, view))

    def dispatch_serially(event: JsonObject, view: Any) -> None:
        bus = eventbridge._event_buses.get(event.get("EventBusName", "default")) or {}
        refusal = _denied(bus, bus.get("Arn", ""))
        if refusal is None:
            dispatch(event, view)
            return
        acts.note(_SERVICE, refusal)
        _log.warning("%s", refusal)
        if queue := (bus.get("DeadLetterConfig") or {}).get("Arn"):
            _bury(event, queue, bus["Arn"])

    return dispatch_event


def _bury(event: JsonObject, queue: str, bus: str) -> None:
    try:
        reach.require(_SERVICE, "sqs:SendMessage", queue, bus)
    except ApiError as refused:
        _log.warning("The event %s is lost: %s", event["EventId"], refused)
        return
    body = json.dumps(eventbridge._pattern_event_view(event).event_with_detail())
    sqs._act_send_message({"MessageBody": body}, sqs._queue_by_arn(queue)["url"])


def _denied(of: JsonObject, bus: str) -> str | None:
    """Tells why EventBridge cannot use the key of a bus or an archive, if it has one.

    Source: EventBridge user guide, eb-encryption-key-policy.
    """
    key = keys.arn_of(of.get("KmsKeyIdentifier"))
    if key is None or not iam.enforced():
        return None
    context = {"kms:encryptioncontext:aws:events:event-bus:arn": bus, "aws:sourcearn": bus}
    for action, more in (("kms:DescribeKey", {}), ("kms:GenerateDataKey", context), ("kms:Decrypt", context)):
        known = {"aws:sourcearn": bus, **more}
        if not iam.is_service_allowed(_SERVICE, action, key, keys.policy_of(key), known):
            return f"The policy of {key} does not allow {_SERVICE} {action} for {bus}."
    return None


def putting_policy(put: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps `_put_permission`, which takes no whole policy."""

    def put_permission(data: JsonObject) -> Any:
        if "Policy" not in data:
            return put(data)
        eventbridge._event_bus_policies[data.get("EventBusName", "default")] = json.loads(data["Policy"])
        return json_response({})

    return put_permission


def with_policies(find: Callable[[str, str], tuple[str, str] | None]) -> Callable[[str, str], tuple[str, str] | None]:
    """Wraps the evaluator's `_resource_policy`, which knows none of buses."""

    def resource_policy(service: str, arn: str) -> tuple[str, str] | None:
        if service != "events":
            return find(service, arn)
        found = eventbridge._event_bus_policies.get(arn.rpartition("event-bus/")[2]) if ":event-bus/" in arn else None
        return (json.dumps(found), arn.split(":")[4]) if found else None

    return resource_policy


class ArchivedEvents:
    """The events of an archive: a file with one event a line, which is written before PutEvents is answered."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, event: JsonObject) -> None:
        """Adds an event."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(event) + "\n")

    def __iter__(self) -> Iterator[JsonObject]:
        """Reads the events, but for one that was cut off as the emulator ended: it was not answered."""
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            for line in file:
                if line.endswith("\n"):
                    yield json.loads(line)

    def __deepcopy__(self, _known: object) -> list[JsonObject]:
        """Leaves the events out of snapshots."""
        return []

    def forget(self) -> None:
        """Removes the events."""
        self._path.unlink(missing_ok=True)


def events_of(archive: str) -> ArchivedEvents:
    """Returns the events of an archive of this account and region, by its name."""
    return ArchivedEvents(settings.current().state / "archives" / get_account_id() / get_region() / f"{archive}.jsonl")


def archiving(_archive: Callable[..., None]) -> Callable[..., None]:
    """Takes the place of `_archive_event`, which keeps events in memory."""

    def archive_event(event: JsonObject, view: Any = None) -> None:
        bus = f"arn:aws:events:{get_region()}:{get_account_id()}:event-bus/{event.get('EventBusName', 'default')}"
        for name, archive in eventbridge._archives.items():
            pattern = archive.get("EventPattern")
            seen = view or eventbridge._pattern_event_view(event)
            if archive["EventSourceArn"] != bus or (pattern and not eventbridge._matches_pattern_view(pattern, seen)):
                continue
            if refusal := _denied(archive, bus):
                acts.note(_SERVICE, refusal)
                continue
            events_of(name).append(event)
            archive["EventCount"] = archive.get("EventCount", 0) + 1
            archive["SizeBytes"] = archive.get("SizeBytes", 0) + len(json.dumps(event))

    return archive_event


def replaying(start: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps `_start_replay`, whose thread goes through the archive's events in memory."""

    def start_replay(data: JsonObject) -> Any:
        name = data["EventSourceArn"].rpartition("/")[2]
        if archive := eventbridge._archives.get(name):
            archive["Events"] = events_of(name)
        return start(data)

    return start_replay


def forgetting(delete: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps `_delete_archive`."""

    def delete_archive(data: JsonObject) -> Any:
        answer = delete(data)
        events_of(data["ArchiveName"]).forget()
        return answer

    return delete_archive
