"""Firehose's delivery streams into S3: what MiniStack neither shows of them nor does."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from ministack.services import firehose

from .json_service import JsonObject

_DESCRIPTION = "ExtendedS3DestinationDescription"
# The data that is being delivered and has to be packed.
_packed: ContextVar[bytes | None] = ContextVar("packed", default=None)


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


def packing(deliver: Callable[..., None]) -> Callable[..., None]:
    """Wraps `_deliver_to_s3`: GZIP is done, and ends the object's name unless the stream gives it another end."""

    def deliver_to_s3(stream: JsonObject, destination: JsonObject, data: bytes, *keys: Any) -> None:
        config = destination["config"]
        if config.get("CompressionFormat") != "GZIP":
            deliver(stream, destination, data, *keys)
            return
        named = {**config, "FileExtension": config.get("FileExtension") or ".gz"}
        token = _packed.set(data)
        try:
            deliver(stream, {**destination, "config": named}, data, *keys)
        finally:
            _packed.reset(token)

    return deliver_to_s3


def putting(put: Callable[[str, str, bytes], None]) -> Callable[[str, str, bytes], None]:
    """Wraps `_put_s3_object`, which also writes what cannot be delivered: that stays readable."""

    def put_s3_object(bucket: str, key: str, body: bytes) -> None:
        put(bucket, key, gzip.compress(body) if body is _packed.get() else body)

    return put_s3_object


def forgetting(deliver: Callable[[JsonObject, JsonObject, list[Any]], None]) -> Callable[..., None]:
    """Wraps `_deliver_records_to_s3`: MiniStack keeps what it has delivered, in every snapshot from then on."""

    def deliver_records_to_s3(stream: JsonObject, destination: JsonObject, records: list[Any]) -> None:
        deliver(stream, destination, records)
        destination["records"].clear()

    return deliver_records_to_s3


def install() -> None:
    """Installs everything; once, before the server starts."""
    firehose._dest_description = describing(firehose._dest_description)
    firehose._deliver_to_s3 = packing(firehose._deliver_to_s3)
    firehose._put_s3_object = putting(firehose._put_s3_object)
    firehose._deliver_records_to_s3 = forgetting(firehose._deliver_records_to_s3)
