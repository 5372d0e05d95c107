"""The table of what an operation needs of a KMS key besides the operation's own action: in the caller's name."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services import dynamodb, s3, secretsmanager, sns, sqs

from .. import keys, message_moves
from ..sagemaker.store import ENDPOINT_CONFIG

Request = Mapping[str, Any]
# An action, the ARN of what it is done on, and the condition keys of the request.
Need = tuple[str, str, Mapping[str, str]]
# The names of keys, each with the encryption context that it is used with.
Keys = Iterator[tuple[str | None, Mapping[str, str]]]

_SSE_KEY = "x-amz-server-side-encryption-aws-kms-key-id"
_FOR_RESOURCE = {"kms:grantisforawsresource": "true"}


@dataclass(frozen=True)
class KeyUse:
    """A use of a key.

    Attributes:
        actions: The caller's, in IAM's notation.
        keys_of: Finds the keys of a request.
        needs: KMS's actions on each.
        source: Where AWS says so.
        context: Condition keys, in lower case.
    """

    actions: tuple[str, ...]
    keys_of: Callable[[Request], Keys]
    needs: tuple[str, ...]
    source: str
    context: Mapping[str, str] = field(default_factory=dict)


def _new_object(request: Request) -> Keys:
    bucket, key = request.get("Bucket", ""), request.get("Key", "")
    chosen = request.get("SSEKMSKeyId") or s3._bucket_default_sse_headers(bucket).get(_SSE_KEY)
    yield chosen, _object_context(bucket, key)


def _object(request: Request) -> Keys:
    bucket, key = request.get("Bucket", ""), request.get("Key", "")
    stored = s3._buckets.get(bucket, {"objects": {}})["objects"].get(key)
    if stored:
        yield s3._stored_sse_headers(stored).get(_SSE_KEY), _object_context(bucket, key)


def _object_context(bucket: str, key: str) -> Mapping[str, str]:
    """Makes an object's encryption context, by "Reducing the cost of SSE-KMS": with a bucket key the bucket's ARN."""
    has_bucket_key = "<BucketKeyEnabled>true" in s3._bucket_encryption.get(bucket, "")
    return {"aws:s3:arn": f"arn:aws:s3:::{bucket}" if has_bucket_key else f"arn:aws:s3:::{bucket}/{key}"}


def _topic(request: Request) -> Keys:
    arn = request.get("TopicArn") or request.get("TargetArn") or ""
    topic = sns._topic_by_arn_any_scope(arn) or {"attributes": {}}
    yield topic["attributes"].get("KmsMasterKeyId"), {"aws:sns:topicArn": arn}


def _queue(request: Request) -> Keys:
    name = str(request.get("QueueUrl", "")).rsplit("/", 1)[-1]
    queue = next((queue for queue in sqs._queues.values() if queue["name"] == name), None)
    if queue:
        yield queue["attributes"].get("KmsMasterKeyId"), {"aws:sqs:arn": queue["attributes"].get("QueueArn", "")}


def _moved(request: Request) -> Keys:
    """Finds the keys of a dead-letter queue and of the queues that its messages are moved to."""
    for arn in (request["SourceArn"], *message_moves.destinations(request)):
        yield from _queue({"QueueUrl": arn.replace(":", "/")})


def _secret(request: Request) -> Keys:
    _, secret = secretsmanager._resolve(request.get("SecretId", ""))
    named = request.get("KmsKeyId") or (secret or {}).get("KmsKeyId")
    yield named, {"SecretARN": secret["ARN"]} if secret else {}


def _tables(request: Request) -> Keys:
    named = [request.get("TableName"), *(request.get("RequestItems") or {})]
    for item in request.get("TransactItems") or []:
        named += [part.get("TableName") for part in item.values()]
    for name in {str(name).rsplit("/", 1)[-1] for name in named if name}:
        table = dynamodb._tables.get(name) or {}
        described = table.get("SSEDescription") or {}
        yield described.get("KMSMasterKeyArn"), {"aws:dynamodb:tableName": name}


def _stream_of_table(request: Request) -> Keys:
    yield from _tables({"TableName": str(request.get("StreamArn", "")).split("/stream/")[0]})


def _new_table(request: Request) -> Keys:
    yield (request.get("SSESpecification") or {}).get("KMSMasterKeyId"), {}


def _stream(request: Request) -> Keys:
    yield (request.get("DeliveryStreamEncryptionConfigurationInput") or {}).get("KeyARN"), {}


def _endpoint(request: Request) -> Keys:
    config = ENDPOINT_CONFIG.records.get(ENDPOINT_CONFIG.arn(request.get("EndpointConfigName", ""))) or {}
    yield config.get("KmsKeyId"), {}


def _repository(request: Request) -> Keys:
    yield (request.get("encryptionConfiguration") or {}).get("kmsKey"), {}


def _s3(*names: str) -> tuple[str, ...]:
    return tuple(f"s3:{name}" for name in names)


def _dynamodb(*names: str) -> tuple[str, ...]:
    return tuple(f"dynamodb:{name}" for name in names)


TABLE: tuple[KeyUse, ...] = (
    KeyUse(_s3("GetObject", "GetObjectVersion"), _object, ("kms:Decrypt",), "S3 user guide, UsingKMSEncryption"),
    KeyUse(_s3("PutObject"), _new_object, ("kms:GenerateDataKey",), "S3 user guide, UsingKMSEncryption"),
    KeyUse(
        ("sns:Publish", "sns:PublishBatch"),
        _topic,
        ("kms:GenerateDataKey", "kms:Decrypt"),
        "SNS developer guide, sns-key-management",
    ),
    KeyUse(
        ("sqs:SendMessage",),
        _queue,
        ("kms:GenerateDataKey", "kms:Decrypt"),
        "SQS developer guide, sqs-key-management",
    ),
    KeyUse(("sqs:ReceiveMessage",), _queue, ("kms:Decrypt",), "SQS developer guide, sqs-key-management"),
    KeyUse(
        ("sqs:StartMessageMoveTask",),
        _moved,
        ("kms:GenerateDataKey", "kms:Decrypt"),
        "SQS developer guide, sqs-configure-dead-letter-queue-redrive, permissions",
    ),
    KeyUse(
        ("secretsmanager:GetSecretValue",),
        _secret,
        ("kms:Decrypt",),
        "Secrets Manager user guide, security-encryption, permissions for the KMS key",
    ),
    KeyUse(
        tuple(f"secretsmanager:{name}" for name in ("CreateSecret", "PutSecretValue", "UpdateSecret")),
        _secret,
        ("kms:GenerateDataKey", "kms:Decrypt"),
        "Secrets Manager user guide, security-encryption, permissions for the KMS key",
    ),
    KeyUse(
        _dynamodb(
            *("GetItem", "PutItem", "UpdateItem", "DeleteItem", "Query", "Scan"),
            *("BatchGetItem", "BatchWriteItem", "TransactGetItems", "TransactWriteItems"),
        ),
        _tables,
        ("kms:Decrypt",),
        "DynamoDB developer guide, encryption.howitworks: a table's key is decrypted for each principal",
    ),
    KeyUse(
        _dynamodb("GetRecords"),
        _stream_of_table,
        ("kms:Decrypt",),
        "DynamoDB developer guide, encryption.usagenotes: streams are encrypted with the table's key",
    ),
    KeyUse(
        _dynamodb("CreateTable", "UpdateTable"),
        _new_table,
        ("kms:CreateGrant", "kms:DescribeKey", "kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"),
        "DynamoDB developer guide, encryption.customer-managed: at a minimum",
        _FOR_RESOURCE,
    ),
    KeyUse(
        ("firehose:CreateDeliveryStream", "firehose:StartDeliveryStreamEncryption"),
        _stream,
        ("kms:CreateGrant",),
        "Data Firehose API reference, DeliveryStreamEncryptionConfigurationInput",
        _FOR_RESOURCE,
    ),
    KeyUse(
        ("sagemaker:CreateEndpoint", "sagemaker:UpdateEndpoint"),
        _endpoint,
        ("kms:CreateGrant",),
        "SageMaker developer guide, api-permissions-reference: if the associated EndpointConfig has a KmsKeyId",
        _FOR_RESOURCE,
    ),
    KeyUse(
        ("ecr:CreateRepository",),
        _repository,
        ("kms:CreateGrant", "kms:DescribeKey"),
        "ECR user guide, encryption-at-rest, required IAM policy",
        _FOR_RESOURCE,
    ),
)
ACTIONS: Mapping[str, KeyUse] = {action: use for use in TABLE for action in use.actions}


def needs(action: str, request: Request) -> Iterator[Need]:
    """Yields what a request needs of KMS: actions, each with the key's ARN and the condition keys.

    Args:
        action: The caller's, in IAM's notation.
        request: With the members of the operation.
    """
    use = ACTIONS.get(action)
    if use is None:
        return
    via = keys.via(action.split(":")[0])
    for named, encrypted in use.keys_of(request):
        if key := keys.arn_of(named):
            context = {f"kms:encryptioncontext:{name}".lower(): value for name, value in encrypted.items()}
            yield from ((need, key, {**via, **context, **use.context}) for need in use.needs)
