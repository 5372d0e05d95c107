"""What AWS answers when a role or a caller lacks something, seen from outside."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

import emulator as e
import samples
import test_processing
from test_states import run

SAGEMAKER = "sagemaker.amazonaws.com"
PULL = (
    "ecr:GetAuthorizationToken",
    "ecr:BatchCheckLayerAvailability",
    "ecr:GetDownloadUrlForLayer",
    "ecr:BatchGetImage",
)
_names = itertools.count()


@pytest.fixture(scope="module")
def key(emulator: e.Emulator) -> str:
    """Returns a key that leaves it to IAM."""
    arn: str = emulator.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def ml_role(emulator: e.Emulator, *without: str, more: tuple[tuple[str, str], ...] = ()) -> str:
    return e.role(emulator, f"acting-{next(_names)}", SAGEMAKER, *e.ml_grants(*without), *more)


def user(emulator: e.Emulator, service: str, *allowed: tuple[str, str]) -> Any:
    """Returns a client of a user who may do just that."""
    iam, name = emulator.client("iam"), f"acting-{next(_names)}"
    iam.create_user(UserName=name)
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    access = iam.create_access_key(UserName=name)["AccessKey"]
    return emulator.client(service, access["AccessKeyId"], access["SecretAccessKey"])


def train(emulator: e.Emulator, name: str, role: str, **changes: Any) -> None:
    emulator.client("sagemaker").create_training_job(**e.training_request(name, role, **changes))


@pytest.mark.parametrize("missing", PULL)
def test_no_training_job_without_its_image(emulator: e.Emulator, missing: str) -> None:
    role = ml_role(emulator, missing)
    code, message = e.error_of(lambda: train(emulator, "unpulled", role))
    assert code == "ValidationException"
    assert (
        f"in registry ID: 141502667606. Please check if your ECR repository and image exist and role {role}" in message
    )


@pytest.mark.parametrize("missing", PULL)
def test_an_endpoint_fails_without_its_image(emulator: e.Emulator, missing: str) -> None:
    role, name = ml_role(emulator, missing), f"unpulled-{missing[4:].lower()}"
    e.put_model(emulator, name, samples.archive(samples.booster()), role)
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    e.wait_until(lambda: e.status_of(emulator, name) == "Failed")
    reason = sagemaker.describe_endpoint(EndpointName=name)["FailureReason"]
    assert reason == f"The role '{role}' does not have {missing[4:]} permission for the image: '{e.IMAGE}'."


def test_a_processing_job_fails_without_its_image(emulator: e.Emulator) -> None:
    test_processing.start(emulator, "p-unpulled", ml_role(emulator, "ecr:BatchGetImage"))
    job = test_processing.finished(emulator, "p-unpulled")
    assert job["FailureReason"].startswith("ClientError: Access denied for repository: sagemaker-xgboost")


@pytest.mark.parametrize("missing", ["logs:CreateLogGroup", "logs:PutLogEvents"])
def test_without_a_log_the_job_runs_and_nobody_hears(emulator: e.Emulator, missing: str) -> None:
    name = f"unlogged-{missing[5:].lower()}"
    for each, role in ((f"{name}-not", ml_role(emulator)), (name, ml_role(emulator, missing))):
        e.put_training_data(emulator, each)
        train(emulator, each, role)
        assert e.finished_job(emulator, each)["TrainingJobStatus"] == "Completed"
    logs = emulator.client("logs")
    (group,) = logs.describe_log_groups(logGroupNamePrefix="/aws/sagemaker/TrainingJobs")["logGroups"]
    streams = logs.describe_log_streams(logGroupName=group["logGroupName"], logStreamNamePrefix=name)
    assert [each["logStreamName"].split("/")[0] for each in streams["logStreams"]] == [f"{name}-not"]
    refusals = [each["refusal"] for each in emulator.get("/_vwt/refusals") if each["role"] == role]
    assert any(missing in refusal for refusal in refusals)


def test_the_volumes_key_is_granted_by_the_role(emulator: e.Emulator, key: str) -> None:
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5, "VolumeKmsKeyId": key}
    e.put_training_data(emulator, "volume")
    train(emulator, "volume", ml_role(emulator), ResourceConfig=resources)
    reason = e.finished_job(emulator, "volume")["FailureReason"]
    assert "is not authorized to perform: kms:CreateGrant on resource: " + key in reason
    allowed = ml_role(emulator, more=(("kms:CreateGrant", key),))
    e.put_training_data(emulator, "volume-granted")
    train(emulator, "volume-granted", allowed, ResourceConfig=resources)
    assert e.finished_job(emulator, "volume-granted")["TrainingJobStatus"] == "Completed"


@pytest.mark.parametrize("missing", ["kms:Encrypt", "kms:GenerateDataKey", None])
def test_the_outputs_key(emulator: e.Emulator, key: str, missing: str | None) -> None:
    name = f"output-{missing[4:].lower()}" if missing else "output"
    grants = tuple((action, key) for action in ("kms:Encrypt", "kms:GenerateDataKey") if action != missing)
    e.put_training_data(emulator, name)
    output = {"S3OutputPath": f"s3://{e.BUCKET}/{name}/output", "KmsKeyId": key}
    train(emulator, name, ml_role(emulator, more=grants), OutputDataConfig=output)
    job = e.finished_job(emulator, name)
    if missing:
        assert f"is not authorized to perform: {missing} on resource: {key}" in job["FailureReason"]
        return
    written = emulator.client("s3").head_object(Bucket=e.BUCKET, Key=f"{name}/output/{name}/output/model.tar.gz")
    assert (written["ServerSideEncryption"], written["SSEKMSKeyId"]) == ("aws:kms", key)


def test_a_vpc_needs_network_interfaces(emulator: e.Emulator) -> None:
    vpc = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    e.put_training_data(emulator, "vpc")
    train(emulator, "vpc", ml_role(emulator), VpcConfig=vpc)
    reason = e.finished_job(emulator, "vpc")["FailureReason"]
    assert reason == "InternalServerError: We encountered an internal error.  Please try again."
    train(emulator, "vpc-allowed", ml_role(emulator, more=(("ec2:*", "*"),)), VpcConfig=vpc)
    assert "No S3 objects found" in e.finished_job(emulator, "vpc-allowed")["FailureReason"]


def test_no_model_without_its_data(emulator: e.Emulator) -> None:
    role = ml_role(emulator, "s3:GetObject")
    code, message = e.error_of(lambda: e.put_model(emulator, "unread", b"", role))
    assert code == "ValidationException"
    assert message.startswith(
        f"Could not access model data at s3://{e.BUCKET}/unread.tar.gz. Please ensure that the role "
        f'"{role}" exists and that its trust relationship policy allows the action "sts:AssumeRole" for the service '
        f'principal "{SAGEMAKER}".'
    )


def test_callers_must_be_allowed_to_pass_roles(emulator: e.Emulator, ml_role: str) -> None:
    create = ("sagemaker:CreateTrainingJob", "*")
    request = e.training_request("passed", ml_role)
    code, message = e.error_of(lambda: user(emulator, "sagemaker", create).create_training_job(**request))
    assert code in ("AccessDenied", "AccessDeniedException")
    assert f"is not authorized to perform: iam:PassRole on resource: {ml_role}" in message
    allowed = user(emulator, "sagemaker", create, ("iam:PassRole", ml_role))
    assert allowed.create_training_job(**request)["TrainingJobArn"]


def test_a_task_that_passes_a_role_is_asked_too(emulator: e.Emulator, ml_role: str) -> None:
    e.put_model(emulator, "by-task", samples.archive(samples.booster()), ml_role)
    container = {"Image": e.IMAGE, "ModelDataUrl": f"s3://{e.BUCKET}/by-task.tar.gz"}
    arguments = {"ModelName": "by-a-task", "ExecutionRoleArn": ml_role, "PrimaryContainer": container}
    resource = "arn:aws:states:::aws-sdk:sagemaker:createModel"
    states = {"Make": {"Type": "Task", "Resource": resource, "Arguments": arguments, "End": True}}
    create = ("sagemaker:CreateModel", "*")
    assert "iam:PassRole" in run(emulator, "no-pass-role", states, create)["cause"]
    assert run(emulator, "pass-role", states, create, ("iam:PassRole", ml_role))["status"] == "SUCCEEDED"


def test_an_encrypted_bucket_asks_the_key(emulator: e.Emulator, key: str) -> None:
    s3, bucket = emulator.client("s3"), "sealed"
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": e.REGION})
    default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    rules = {"Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration=rules)
    s3.put_object(Bucket=bucket, Key="a", Body=b"1")
    objects = ("s3:*Object", "arn:aws:s3:::*/*")
    nobody = user(emulator, "s3", objects)
    for action, call in (
        ("kms:GenerateDataKey", lambda: nobody.put_object(Bucket=bucket, Key="b", Body=b"1")),
        ("kms:Decrypt", lambda: nobody.get_object(Bucket=bucket, Key="a")),
        ("kms:Decrypt", lambda: nobody.copy_object(Bucket=e.BUCKET, Key="c", CopySource=f"{bucket}/a")),
    ):
        code, message = e.error_of(call)
        assert (code, f"{action} on resource: {key}" in message) == ("AccessDenied", True), message
    reader = user(emulator, "s3", objects, ("kms:Decrypt", key))
    assert reader.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"
    assert e.error_of(lambda: reader.put_object(Bucket=bucket, Key="b", Body=b"1"))[0] == "AccessDenied"


def test_a_grant_is_as_good_as_a_policy(emulator: e.Emulator, key: str) -> None:
    kms = user(emulator, "kms")
    identity = emulator.client("kms").encrypt(KeyId=key, Plaintext=b"1")["CiphertextBlob"]
    assert e.error_of(lambda: kms.decrypt(CiphertextBlob=identity, KeyId=key))[0] == "AccessDeniedException"
    arn = f"arn:aws:iam::{e.ACCOUNT}:user/acting-{next(_names) - 1}"
    emulator.client("kms").create_grant(KeyId=key, GranteePrincipal=arn, Operations=["Decrypt"])
    assert kms.decrypt(CiphertextBlob=identity, KeyId=key)["Plaintext"] == b"1"


def test_encrypted_topics_queues_and_tables_ask_the_key(emulator: e.Emulator, key: str) -> None:
    here = f"{e.REGION}:{e.ACCOUNT}"
    topic = emulator.client("sns").create_topic(Name="sealed", Attributes={"KmsMasterKeyId": key})["TopicArn"]
    queue = emulator.client("sqs").create_queue(QueueName="sealed", Attributes={"KmsMasterKeyId": key})["QueueUrl"]
    emulator.client("dynamodb").create_table(
        TableName="sealed",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key},
    )
    cases = (
        ("sns", topic, "KMSAccessDenied", lambda client: client.publish(TopicArn=topic, Message="1")),
        (
            "sqs",
            f"arn:aws:sqs:{here}:sealed",
            "KMS.AccessDeniedException",
            lambda client: client.send_message(QueueUrl=queue, MessageBody="1"),
        ),
        (
            "dynamodb",
            f"arn:aws:dynamodb:{here}:table/sealed",
            "AccessDeniedException",
            lambda client: client.put_item(TableName="sealed", Item={"id": {"S": "1"}}),
        ),
    )
    for service, resource, expected, call in cases:
        own = (f"{service}:*", resource)
        client = user(emulator, service, own)
        code, message = e.error_of(lambda client=client, call=call: call(client))
        assert code.removesuffix("Exception") == expected.removesuffix("Exception"), (code, message)
        assert f"on resource: {key}" in message
        call(user(emulator, service, own, ("kms:Decrypt", key), ("kms:GenerateDataKey", key)))


def test_an_endpoint_on_a_key_needs_the_callers_grant(emulator: e.Emulator, key: str, ml_role: str) -> None:
    e.put_model(emulator, "keyed", samples.archive(samples.booster()), ml_role)
    variant = {"VariantName": "v", "ModelName": "keyed", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    emulator.client("sagemaker").create_endpoint_config(
        EndpointConfigName="on-key", ProductionVariants=[variant], KmsKeyId=key
    )
    create = ("sagemaker:CreateEndpoint", "*")
    names = {"EndpointName": "on-key", "EndpointConfigName": "on-key"}
    code, message = e.error_of(lambda: user(emulator, "sagemaker", create).create_endpoint(**names))
    assert f"kms:CreateGrant on resource: {key}" in message, code
    user(emulator, "sagemaker", create, ("kms:CreateGrant", key)).create_endpoint(**names)
    e.wait_until(lambda: e.status_of(emulator, "on-key") == "InService")
    emulator.client("sagemaker").delete_endpoint(EndpointName="on-key")


def test_streams_and_repositories_on_a_key_need_the_callers_grant(emulator: e.Emulator, key: str) -> None:
    role = e.role(emulator, f"acting-{next(_names)}", "firehose.amazonaws.com")
    destination = {"BucketARN": f"arn:aws:s3:::{e.BUCKET}", "RoleARN": role}
    encryption = {"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key}
    own = [("firehose:*", "*"), ("ecr:*", "*"), ("iam:PassRole", role)]
    grants = [("kms:CreateGrant", key), ("kms:DescribeKey", key)]

    def stream(client: Any) -> None:
        client.create_delivery_stream(
            DeliveryStreamName="sealed",
            ExtendedS3DestinationConfiguration=destination,
            DeliveryStreamEncryptionConfigurationInput=encryption,
        )

    def repository(client: Any) -> None:
        configuration = {"encryptionType": "KMS", "kmsKey": key}
        client.create_repository(repositoryName="sealed", encryptionConfiguration=configuration)

    for service, call in (("firehose", stream), ("ecr", repository)):
        with pytest.raises(ClientError, match="kms:CreateGrant"):
            call(user(emulator, service, *own))
        call(user(emulator, service, *own, *grants))
