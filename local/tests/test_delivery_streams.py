from __future__ import annotations

import gzip
import json
from typing import Any

import pytest

import emulator as e

FIREHOSE = "firehose"
BUCKET_ACTIONS = ("s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads")


@pytest.fixture(scope="module", autouse=True)
def role(emulator: e.Emulator) -> str:
    """Returns the role of all streams: what the Firehose guide (controlling-access) gives one for S3."""
    objects = [(action, f"arn:aws:s3:::{e.BUCKET}/*") for action in ("s3:AbortMultipartUpload", "s3:PutObject")]
    bucket = [(action, f"arn:aws:s3:::{e.BUCKET}") for action in BUCKET_ACTIONS]
    return e.role(emulator, "firehose", "firehose.amazonaws.com", *bucket, *objects)


def destination(**changes: Any) -> dict[str, Any]:
    return {
        "BucketARN": f"arn:aws:s3:::{e.BUCKET}",
        "RoleARN": f"arn:aws:iam::{e.ACCOUNT}:role/firehose",
        **changes,
    }


def create(emulator: e.Emulator, name: str, **changes: Any) -> None:
    config = destination(Prefix=f"{name}/!{{timestamp:yyyy}}/", **changes)
    emulator.client(FIREHOSE).create_delivery_stream(DeliveryStreamName=name, ExtendedS3DestinationConfiguration=config)


def described(emulator: e.Emulator, name: str) -> dict[str, Any]:
    (found,) = stream(emulator, name)["Destinations"]
    shown: dict[str, Any] = found["ExtendedS3DestinationDescription"]
    return shown


def stream(emulator: e.Emulator, name: str) -> dict[str, Any]:
    answer = emulator.client(FIREHOSE).describe_delivery_stream(DeliveryStreamName=name)
    shown: dict[str, Any] = answer["DeliveryStreamDescription"]
    return shown


def put(emulator: e.Emulator, name: str, *records: bytes) -> list[tuple[str, bytes]]:
    """Puts records; returns the keys and the bytes of what arrives."""
    emulator.client(FIREHOSE).put_record_batch(
        DeliveryStreamName=name, Records=[{"Data": record} for record in records]
    )
    s3 = emulator.client("s3")

    def keys() -> list[str]:
        listed = s3.list_objects_v2(Bucket=e.BUCKET, Prefix=f"{name}/")
        return [item["Key"] for item in listed.get("Contents", [])]

    e.wait_until(lambda: len(keys()) == len(records))
    return [(key, s3.get_object(Bucket=e.BUCKET, Key=key)["Body"].read()) for key in keys()]


def test_shows_all_that_terraform_reads(emulator: e.Emulator) -> None:
    create(emulator, "bare")
    bare = described(emulator, "bare")
    assert (bare["CustomTimeZone"], "FileExtension" in bare, "S3BackupDescription" in bare) == ("UTC", False, False)

    backup = destination(Prefix="backup/", BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 300})
    given = {"CustomTimeZone": "Europe/Zurich", "FileExtension": ".jsonl"}
    create(emulator, "full", **given, S3BackupMode="Enabled", S3BackupConfiguration=backup)
    full = described(emulator, "full")
    assert {name: full[name] for name in given} == given
    assert (full["S3BackupMode"], full["S3BackupDescription"]["Prefix"]) == ("Enabled", "backup/")

    before = stream(emulator, "full")
    emulator.client(FIREHOSE).update_destination(
        DeliveryStreamName="full",
        DestinationId=before["Destinations"][0]["DestinationId"],
        CurrentDeliveryStreamVersionId=before["VersionId"],
        ExtendedS3DestinationUpdate={"CustomTimeZone": "UTC", "S3BackupUpdate": {"Prefix": "other/"}},
    )
    after = described(emulator, "full")
    assert (after["CustomTimeZone"], after["FileExtension"]) == ("UTC", ".jsonl")
    assert after["S3BackupDescription"]["Prefix"] == "other/"
    assert after["S3BackupDescription"]["BufferingHints"]["SizeInMBs"] == 64


@pytest.mark.parametrize(("extension", "end"), [({}, ".gz"), ({"FileExtension": ".jsonl.gz"}, ".jsonl.gz")])
def test_packs(emulator: e.Emulator, extension: dict[str, str], end: str) -> None:
    name = f"packed{len(extension)}"
    create(emulator, name, CompressionFormat="GZIP", **extension)
    arrived = put(emulator, name, b'{"a": 1}\n', b'{"a": 2}\n')
    assert sorted(gzip.decompress(body) for _, body in arrived) == [b'{"a": 1}\n', b'{"a": 2}\n']
    assert all(key.endswith(end) and key.count(".") == end.count(".") for key, _ in arrived)


def test_packs_after_it_has_read_the_data(emulator: e.Emulator) -> None:
    query = [
        {"ParameterName": "MetadataExtractionQuery", "ParameterValue": "{a: .a}"},
        {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
    ]
    create(
        emulator,
        "split",
        CompressionFormat="GZIP",
        DynamicPartitioningConfiguration={"Enabled": True},
        ProcessingConfiguration={"Enabled": True, "Processors": [{"Type": "MetadataExtraction", "Parameters": query}]},
        ErrorOutputPrefix="split/errors/",
    )
    arrived = put(emulator, "split", b'{"a": 1}', b"none")
    ((_, good),) = [found for found in arrived if "errors" not in found[0]]
    ((key, bad),) = [found for found in arrived if "errors" in found[0]]
    assert gzip.decompress(good) == b'{"a": 1}'
    assert (json.loads(bad)["rawData"], key.endswith(".gz")) == ("bm9uZQ==", False)


def test_leaves_the_rest_as_it_is(emulator: e.Emulator) -> None:
    create(emulator, "plain")
    ((key, body),) = put(emulator, "plain", b"text")
    assert (body, key.endswith(".gz")) == (b"text", False)


def logged(emulator: e.Emulator, group: str) -> list[dict[str, Any]]:
    events = emulator.client("logs").get_log_events(logGroupName=group, logStreamName="s")["events"]
    return [json.loads(event["message"]) for event in events]


@pytest.mark.parametrize("missing", ["s3:PutObject", "s3:AbortMultipartUpload", *BUCKET_ACTIONS, "kms:GenerateDataKey"])
def test_loses_and_logs_what_the_role_may_not_write(emulator: e.Emulator, missing: str) -> None:
    name = f"refused-{missing.replace(':', '-').lower()}"
    key = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    group = f"/aws/kinesisfirehose/{name}"
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    grants = [
        *((action, f"arn:aws:s3:::{e.BUCKET}") for action in BUCKET_ACTIONS),
        *((action, f"arn:aws:s3:::{e.BUCKET}/*") for action in ("s3:AbortMultipartUpload", "s3:PutObject")),
        ("kms:GenerateDataKey", key),
        ("logs:PutLogEvents", f"arn:aws:logs:{e.REGION}:{e.ACCOUNT}:log-group:{group}:*"),
    ]
    role = e.role(emulator, name, "firehose.amazonaws.com", *(grant for grant in grants if grant[0] != missing))
    create(
        emulator,
        name,
        RoleARN=role,
        EncryptionConfiguration={"KMSEncryptionConfig": {"AWSKMSKeyARN": key}},
        CloudWatchLoggingOptions={"Enabled": True, "LogGroupName": group, "LogStreamName": "s"},
    )
    emulator.client(FIREHOSE).put_record(DeliveryStreamName=name, Record={"Data": b"1"})
    e.wait_until(lambda: logged(emulator, group))
    (told,) = logged(emulator, group)
    assert missing in told["errorMessage"]
    assert emulator.client("s3").list_objects_v2(Bucket=e.BUCKET, Prefix=f"{name}/")["KeyCount"] == 0


def test_cannot_be_made_with_a_role_of_another_service(emulator: e.Emulator) -> None:
    role = e.role(emulator, "no-firehose", "lambda.amazonaws.com")
    refused = e.error_of(lambda: create(emulator, "no-firehose", RoleARN=role))
    text = f"Firehose is unable to assume role {role}. Please check the role provided."
    assert refused == ("InvalidArgumentException", text)
