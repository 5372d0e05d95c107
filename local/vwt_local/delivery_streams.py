"""Completes Firehose's delivery streams into S3: what is shown of them, compression, and the destination's role.

Objects are written in the name of the destination's role.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import cloudwatch_logs, firehose

from . import iam
from .errors import ApiError
from .json_service import JsonObject
from .roles import acts, key_uses, table

_DESCRIPTION = "ExtendedS3DestinationDescription"
_SERVICE = "firehose.amazonaws.com"
# The data that is being delivered and has to be packed.
_packed: ContextVar[bytes | None] = ContextVar("packed", default=None)
# The stream and the destination's configuration that objects are being written for.
_for: ContextVar[tuple[str, JsonObject] | None] = ContextVar("for", default=None)


def describing(describe: Callable[[JsonObject], JsonObject]) -> Callable[[JsonObject], JsonObject]:
    """Wraps `_dest_description`: what it leaves out, Terraform's provider would plan to set again and again."""

    def description(destination: JsonObject) -> JsonObject:
        shown = describe(destination)
        if _DESCRIPTION in shown:
            config = destination["config"]
            shown[_DESCRIPTION]["CustomTimeZone"] = config.get("CustomTimeZone") or "UTC"
            if config.get("FileExtension"):
                shown[_DESCRIPTION]["FileExtension"] = config["FileExtension"]
            if backup := {**config.get("S3BackupConfiguration", {}), **config.get("S3BackupUpdate", {})}:
                of_backup = describe({"id": destination["id"], "type": "S3", "config": backup})
                shown[_DESCRIPTION]["S3BackupDescription"] = of_backup["S3DestinationDescription"]
        return shown

    return description


def on_loop(run: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """Wraps `run_reentrant` as Firehose imports it, which gives a request a thread, and its delivery a loop of its own.

    That is for what waits for other requests: functions that process records, and Iceberg's tables.
    """

    async def run_reentrant(work: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        destinations = [each for stream in firehose._streams.values() for each in stream["destinations"]]
        return await run(work, *arguments, **options) if any(map(_waits, destinations)) else work(*arguments)

    return run_reentrant


def waits(name: str) -> bool:
    """Tells whether putting a record into a stream waits for other requests, so that it must not be on the loop."""
    return any(map(_waits, (firehose._streams.get(name) or {}).get("destinations", ())))


def _waits(destination: JsonObject) -> bool:
    return destination["type"] == "Iceberg" or any(_processors(destination, "Lambda"))


def _processors(destination: JsonObject, kind: str) -> list[JsonObject]:
    """Returns the parameters of a destination's processors of a kind."""
    processing = destination["config"].get("ProcessingConfiguration") or {}
    enabled = processing.get("Processors") or [] if processing.get("Enabled") else []
    return [
        {each["ParameterName"]: each["ParameterValue"] for each in processor.get("Parameters") or []}
        for processor in enabled
        if processor["Type"] == kind
    ]


def packing(deliver: Callable[..., None]) -> Callable[..., None]:
    """Wraps `_deliver_to_s3`: GZIP is done, and ends the object's name unless the stream gives it another end."""

    def deliver_to_s3(stream: JsonObject, destination: JsonObject, data: bytes, *keys: Any) -> None:
        config = destination["config"]
        is_packed = config.get("CompressionFormat") == "GZIP"
        named = {**config, "FileExtension": config.get("FileExtension") or ".gz"} if is_packed else config
        packed, of = _packed.set(data if is_packed else None), _for.set((stream["name"], config))
        try:
            deliver(stream, {**destination, "config": named}, data, *keys)
        finally:
            _packed.reset(packed)
            _for.reset(of)

    return deliver_to_s3


def putting(put: Callable[[str, str, bytes], None]) -> Callable[[str, str, bytes], None]:
    """Wraps `_put_s3_object`, which also writes what cannot be delivered: that stays readable.

    What the role may not write is lost at once; AWS tries again for 24 hours.
    """

    def put_s3_object(bucket: str, key: str, body: bytes) -> None:
        delivery = _for.get()
        if delivery and not _may_write(*delivery, bucket, key):
            return
        put(bucket, key, gzip.compress(body) if body is _packed.get() else body)

    return put_s3_object


def _may_write(stream: str, config: JsonObject, bucket: str, key: str) -> bool:
    """Tells whether the role of a destination may write an object; a refusal is in the stream's log, if it has one."""
    role = config.get("RoleARN", "")
    chosen = (config.get("EncryptionConfiguration") or {}).get("KMSEncryptionConfig") or {}
    request = {"Bucket": bucket, "Key": key, "SSEKMSKeyId": chosen.get("AWSKMSKeyARN")}
    try:
        if not iam.is_assumable(role, _SERVICE):
            raise acts.refusal(table.DELIVERY, role, f"{_SERVICE} cannot assume the role {role}.")
        acts.require(table.DELIVERY, role, stream, bucket=bucket, key=key)
        for needed, key_arn, context in key_uses.needs("s3:PutObject", request):
            iam.require(role, stream, needed, key_arn, context)
    except ApiError as error:
        acts.note(role, error.message)
        _log_error(stream, config, error)
        return False
    return True


def _log_error(stream: str, config: JsonObject, error: ApiError) -> None:
    options = config.get("CloudWatchLoggingOptions") or {}
    names = {"group": options.get("LogGroupName", ""), "stream": options.get("LogStreamName", "")}
    if not options.get("Enabled") or not acts.may(table.DELIVERY_LOG, config["RoleARN"], stream, **names):
        return
    told = {"deliveryStreamARN": stream, "errorCode": error.code, "errorMessage": error.message}
    event = {"timestamp": int(time.time() * 1000), "message": json.dumps(told)}
    named = {"logGroupName": names["group"], "logStreamName": names["stream"]}
    cloudwatch_logs._put_log_events({**named, "logEvents": [event]})


def forgetting(deliver: Callable[[JsonObject, JsonObject, list[Any]], None]) -> Callable[..., None]:
    """Wraps `_deliver_records_to_s3`: MiniStack keeps what it has delivered, in every snapshot from then on.

    It does not know the processor AppendDelimiterToRecord, which ends each record as its parameter says.
    """

    def deliver_records_to_s3(stream: JsonObject, destination: JsonObject, records: list[Any]) -> None:
        ends = [each.get("Delimiter", "\\n") for each in _processors(destination, "AppendDelimiterToRecord")]
        end = "".join(ends).replace("\\n", "\n").encode()
        deliver(stream, destination, [(number, data + end) for number, data in records])
        destination["records"].clear()

    return deliver_records_to_s3
