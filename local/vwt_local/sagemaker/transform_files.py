"""Splits the objects of a transform job into requests, and puts the answers together."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator

from ..errors import ApiError, validation_error
from ..json_service import JsonObject
from ..objects import Location

_MEGABYTE = 1024 * 1024


def check(request: JsonObject) -> None:
    """Refuses a job that cannot run here, or that AWS refuses.

    Raises:
        ApiError: ValidationException saying what is wrong or not emulated.
    """
    data, output = request["TransformInput"], request["TransformOutput"]
    source = data["DataSource"]["S3DataSource"]
    if source["S3DataType"] != "S3Prefix" or data.get("SplitType", "None") not in ("None", "Line"):
        raise validation_error("The local emulator transforms an S3Prefix, with a SplitType of None or Line.")
    if "DataProcessing" in request or "DataCaptureConfig" in request:
        raise validation_error("The local emulator neither filters nor joins nor captures what it transforms.")
    Location.parse(source["S3Uri"])
    Location.parse(output["S3OutputPath"])
    megabytes = (request.get("MaxPayloadInMB") or 0) * (request.get("MaxConcurrentTransforms") or 1)
    if megabytes > 100:
        raise validation_error(
            "The value of MaxPayloadInMB multiplied by MaxConcurrentTransforms must not exceed 100 MB; yours is "
            f"{megabytes} MB."
        )


def requests(body: bytes, job: JsonObject) -> Iterator[bytes]:
    """Yields what the container is asked with, one mini-batch after the other.

    Args:
        body: The bytes of an object.
        job: The job's record, with MaxPayloadInMB and BatchStrategy.

    Raises:
        ApiError: A record is larger than a request may be.
    """
    data = job["TransformInput"]
    if data.get("CompressionType") == "Gzip":
        body = gzip.decompress(body)
    limit = job["MaxPayloadInMB"] * _MEGABYTE or len(body) + 1
    is_split = data.get("SplitType", "None") == "Line"
    records = body.removesuffix(b"\n").split(b"\n") if is_split else [body]
    batch: list[bytes] = []
    size = 0
    for record in records:
        if len(record) > limit:
            raise ApiError("ClientError", "Too much data for max payload size")
        if batch and (job["BatchStrategy"] == "SingleRecord" or size + len(record) > limit):
            yield b"\n".join(batch)
            batch, size = [], 0
        batch.append(record)
        size += len(record) + 1
    if batch:
        yield b"\n".join(batch)


def assembled(answers: Iterable[bytes], job: JsonObject) -> bytes:
    """Puts the answers to an object's requests together; each ends a line where AssembleWith says so."""
    by_line = job["TransformOutput"].get("AssembleWith") == "Line"
    return b"".join(answer if not by_line or answer.endswith(b"\n") else answer + b"\n" for answer in answers)


def output_of(key: str, job: JsonObject) -> Location:
    """Returns where the output of an input object goes: by its name below the input's folder, with `.out`."""
    prefix = Location.parse(job["TransformInput"]["DataSource"]["S3DataSource"]["S3Uri"])
    folder = prefix.key[: prefix.key.rfind("/") + 1]
    to = Location.parse(job["TransformOutput"]["S3OutputPath"])
    return Location(to.bucket, f"{to.key.rstrip('/')}/{key.removeprefix(folder)}.out".lstrip("/"))
