"""Secrets, catalogues and locked objects: what there is of them, and what they need besides their action."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ministack.core.responses import AccountRegionScopedDict, request_scope
from ministack.services import kms, secretsmanager

import emulator as e
from in_process import KEY, document, put_key
from vwt_local import secrets_manager
from vwt_local.roles import callers


@pytest.fixture
def _account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(secretsmanager, "_secrets", AccountRegionScopedDict())
    with request_scope(e.ACCOUNT, e.REGION):
        put_key(document())
        yield
        kms._keys.clear()


def test_a_secret_has_two_versions_once_it_has_had_two_values(emulator: e.Emulator) -> None:
    secrets = emulator.client("secretsmanager")
    secrets.create_secret(Name="webhook")
    code, _ = e.error_of(lambda: secrets.get_secret_value(SecretId="webhook"))
    assert code == "ResourceNotFoundException"
    secrets.put_secret_value(SecretId="webhook", SecretString="first")
    code, _ = e.error_of(lambda: secrets.get_secret_value(SecretId="webhook", VersionStage="AWSPREVIOUS"))
    assert code == "ResourceNotFoundException"
    secrets.put_secret_value(SecretId="webhook", SecretString="second")
    stages = ("AWSCURRENT", "AWSPREVIOUS")
    held = [secrets.get_secret_value(SecretId="webhook", VersionStage=stage)["SecretString"] for stage in stages]
    assert held == ["second", "first"]


@pytest.mark.usefixtures("_account")
def test_a_secrets_key_is_used_by_who_uses_the_secret() -> None:
    secrets_manager.without_value(secretsmanager._create_secret)({"Name": "s", "KmsKeyId": KEY})
    arn = secretsmanager._secrets["s"]["ARN"]
    for action, needed in (
        ("GetSecretValue", ["kms:Decrypt"]),
        ("PutSecretValue", ["kms:GenerateDataKey", "kms:Decrypt"]),
    ):
        needs = list(callers.needs(f"secretsmanager:{action}", {"SecretId": "s"}))
        assert [(name, resource) for name, resource, _ in needs] == [(name, KEY) for name in needed]
        assert needs[0][2]["kms:encryptioncontext:secretarn"] == arn
        assert needs[0][2]["kms:viaservice"] == f"secretsmanager.{e.REGION}.amazonaws.com"
    new = list(callers.needs("secretsmanager:CreateSecret", {"Name": "n", "KmsKeyId": KEY}))
    assert [name for name, _, _ in new] == ["kms:GenerateDataKey", "kms:Decrypt"]


def test_a_lock_and_passing_it_by_are_permissions_of_their_own() -> None:
    request = {"Bucket": "b", "Key": "head", "headers": {"x-amz-object-lock-mode": "COMPLIANCE"}}
    assert ("s3:PutObjectRetention", "arn:aws:s3:::b/head", {}) in list(callers.needs("s3:PutObject", request))
    request["headers"] = {"x-amz-bypass-governance-retention": "true"}
    needed = list(callers.needs("s3:DeleteObjectVersion", request))
    assert needed == [("s3:BypassGovernanceRetention", "arn:aws:s3:::b/head", {})]
    request["headers"] = {}
    assert list(callers.needs("s3:DeleteObjectVersion", request)) == []


def test_a_locked_version_stays(emulator: e.Emulator) -> None:
    s3 = emulator.client("s3")
    location = {"LocationConstraint": e.REGION}
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True, CreateBucketConfiguration=location)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket="locked", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    version = s3.put_object(Bucket="locked", Key="head", Body=b"1")["VersionId"]
    for bypass in (False, True):
        code, _ = e.error_of(
            lambda bypass=bypass: s3.delete_object(
                Bucket="locked", Key="head", VersionId=version, BypassGovernanceRetention=bypass
            )
        )
        assert code == "AccessDenied"
    s3.delete_object(Bucket="locked", Key="head")
    assert s3.get_object(Bucket="locked", Key="head", VersionId=version)["Body"].read() == b"1"


def test_a_stream_is_read_by_hand(emulator: e.Emulator) -> None:
    key = [{"AttributeName": "k", "KeyType": "HASH"}]
    attributes = [{"AttributeName": "k", "AttributeType": "S"}]
    stream = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    made = emulator.client("dynamodb").create_table(
        TableName="read-by-hand",
        KeySchema=key,
        AttributeDefinitions=attributes,
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=stream,
    )
    emulator.client("dynamodb").put_item(TableName="read-by-hand", Item={"k": {"S": "1"}})
    streams, arn = emulator.client("dynamodbstreams"), made["TableDescription"]["LatestStreamArn"]
    (shard,) = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    (record,) = streams.get_records(ShardIterator=iterator)["Records"]
    assert record["dynamodb"]["NewImage"] == {"k": {"S": "1"}}


def test_a_table_of_the_catalogue_is_found(emulator: e.Emulator) -> None:
    glue = emulator.client("glue")
    glue.create_database(DatabaseInput={"Name": "archive"})
    columns = [{"Name": "level", "Type": "string"}]
    storage = {"Columns": columns, "Location": f"s3://{e.BUCKET}/archive/"}
    keys = [{"Name": "operator", "Type": "string"}, {"Name": "day", "Type": "date"}]
    glue.create_table(
        DatabaseName="archive", TableInput={"Name": "decided", "StorageDescriptor": storage, "PartitionKeys": keys}
    )
    found = glue.get_table(DatabaseName="archive", Name="decided")["Table"]
    assert ([key["Name"] for key in found["PartitionKeys"]], found["StorageDescriptor"]["Columns"]) == (
        ["operator", "day"],
        columns,
    )
