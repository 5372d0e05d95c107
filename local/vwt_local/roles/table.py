"""The table of what a service does in the name of a role: the actions it needs, and what AWS says when one is missing.

Guide = "How to use SageMaker AI execution roles" (sagemaker-roles) in the SageMaker developer guide.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_GROUP = "arn:aws:logs:{region}:{account}:log-group:{group}"


@dataclass(frozen=True)
class Act:
    """Something that a service does in the name of a role.

    Attributes:
        needs: Actions, each with the resource that it is done on. Names in braces are filled in: `region` and
            `account` are known, the caller of `acts` gives the others.
        source: Where AWS says that it needs them.
        refusal: AWS's words when one is missing; None where it tells nobody and goes on without. `{role}` is the
            role's ARN, `{denial}` IAM's own text, `{operation}` the missing action without its service.
        code: The error's code; a job's or an endpoint's FailureReason has none.
        said_by: Where the refusal's text was seen; empty where it is IAM's, because AWS publishes none.
        keys: Condition keys of the request, in lower case.
    """

    needs: tuple[tuple[str, str], ...]
    source: str
    refusal: str | None
    code: str = "AccessDeniedException"
    said_by: str = ""
    keys: Mapping[str, object] = field(default_factory=dict)


def _on(resource: str, *actions: str) -> tuple[tuple[str, str], ...]:
    return tuple((action, resource) for action in actions)


_PULL = (
    ("ecr:GetAuthorizationToken", "*"),
    *_on(
        "arn:aws:ecr:{image_region}:{registry}:repository/{repository}",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
    ),
)
_NO_PULL = (
    "Access denied for repository: {repository} in registry ID: {registry}. Please check if your ECR repository and "
    "image exist and role {role} has proper pull permissions for SageMaker: ecr:BatchCheckLayerAvailability, "
    "ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"
)
_INTERFACES = _on(
    "*",
    "ec2:CreateNetworkInterface",
    "ec2:CreateNetworkInterfacePermission",
    "ec2:DeleteNetworkInterface",
    "ec2:DeleteNetworkInterfacePermission",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeVpcs",
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
)

TRAINING_IMAGE = Act(
    needs=_PULL,
    source="Guide, CreateTrainingJob and CreateHyperParameterTuningJob",
    refusal=_NO_PULL,
    code="ValidationException",
    said_by="a test of the package amazon_sagemaker_jupyter_scheduler quotes CreateTrainingJob",
)
PROCESSING_IMAGE = Act(
    needs=_PULL,
    source="Guide, CreateProcessingJob",
    refusal=_NO_PULL,
    said_by="CreateTrainingJob's text; of processing only the image that is missing was seen, which fails the job "
    "(aws-samples/amazon-sagemaker-tensorflow-object-detection-api#14)",
)
SERVING_IMAGE = Act(
    needs=_PULL,
    source="Guide, CreateModel",
    refusal="The role '{role}' does not have {operation} permission for the image: '{image}'.",
    said_by="aws/sagemaker-python-sdk#2002, for BatchGetImage",
)
MODEL_DATA = Act(
    needs=(),  # S3 is asked, which also knows of objects that are not there and of their keys
    source="Guide, CreateModel",
    refusal='Could not access model data at {url}. Please ensure that the role "{role}" exists and that '
    'its trust relationship policy allows the action "sts:AssumeRole" for the service principal '
    '"sagemaker.amazonaws.com". Also ensure that the role has "s3:GetObject" permissions and that the object is '
    "located in {region}. ({denial})",
    code="ValidationException",
    said_by="philschmid/llm-sagemaker-sample#2",
)
# Where the role may not write the log, SageMaker runs the job or the endpoint without one.
JOB_LOG = Act(
    needs=(
        # IAM asks about a group as about a stream without a name.
        *_on(f"{_GROUP}:log-stream:", "logs:CreateLogGroup", "logs:DescribeLogStreams"),
        *_on(f"{_GROUP}:log-stream:{{stream}}", "logs:CreateLogStream", "logs:PutLogEvents"),
    ),
    source="Guide, CreateModel, CreateTrainingJob, CreateProcessingJob",
    refusal=None,
)
# By what writes them: to the namespace of that name below `/aws/sagemaker/`.
METRICS: Mapping[str, Act] = {
    kind: Act(
        needs=(("cloudwatch:PutMetricData", "*"),),
        source="Guide, CreateModel, CreateTrainingJob, CreateProcessingJob; SageMaker developer guide, "
        "monitoring-cloudwatch, for the namespaces",
        refusal=None,
        keys={"cloudwatch:namespace": f"/aws/sagemaker/{kind}"},
    )
    for kind in ("Endpoints", "ProcessingJobs", "TrainingJobs", "TransformJobs")
}
# The API permissions reference takes the caller's permission for the role's. The role is asked all the same: what
# suffices here suffices there.
VOLUME = Act(
    needs=(("kms:CreateGrant", "{volume_key}"),),
    source="Guide, CreateTrainingJob and CreateProcessingJob: if you specify a volume KMS key",
    refusal="ClientError: {denial}",
    keys={"kms:grantisforawsresource": "true"},
)
OUTPUT_KEY = Act(
    needs=(("kms:Encrypt", "{output_key}"),),
    source="Guide, CreateTrainingJob and CreateProcessingJob: if you specify a KMS key in the output configuration",
    refusal="{denial}",
    said_by="IAM's text at the upload, where aws/aws-cdk#12810 saw it fail",
)
JOB_NETWORK = Act(
    needs=_INTERFACES,
    source="Guide, CreateTrainingJob and CreateProcessingJob: if you specify a private VPC",
    refusal="InternalServerError: We encountered an internal error.  Please try again.",
    said_by="aws/sagemaker-python-sdk#3026",
)
MODEL_NETWORK = Act(
    needs=_INTERFACES,
    source="Guide, CreateModel: if you specify a private VPC",
    refusal="The role '{role}' cannot create network interfaces in the VPC of the model: {denial}",
)
ROLLBACK_ALARMS = Act(
    needs=(("cloudwatch:DescribeAlarms", "{alarm}"),),
    source="SageMaker developer guide, deployment-guardrails-configuration, prerequisites",
    refusal="Could not describe the CloudWatch alarm {name}: {denial}",
    code="ValidationException",
)

# The targets of EventBridge's rules and of EventBridge Scheduler, by the service in the target's ARN.
TARGETS: Mapping[str, Act] = {
    service: Act(
        needs=_on("{target}", *actions),
        source="EventBridge user guide, eb-use-identity-based and eb-custom-bus-target-firehose (of which older "
        "editions named PutRecord); Scheduler user guide, setting-up",
        refusal=None,
    )
    for service, actions in {
        "states": ("states:StartExecution",),
        "lambda": ("lambda:InvokeFunction",),
        "sns": ("sns:Publish",),
        "sqs": ("sqs:SendMessage",),
        "events": ("events:PutEvents",),
        "firehose": ("firehose:PutRecordBatch", "firehose:PutRecord"),
    }.items()
}

# The sources that Lambda reads in the name of a function's role, by the service in the source's ARN. The first action
# uses the source's key.
EVENT_SOURCES: Mapping[str, Act] = {
    "sqs": Act(
        needs=_on("{source}", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
        source="Lambda developer guide, services-sqs-configure, execution role permissions",
        refusal="The provided execution role does not have permissions to call {operation} on SQS",
        code="InvalidParameterValueException",
        said_by="aws/aws-cdk#6770, for ReceiveMessage",
    ),
    "dynamodb": Act(
        needs=(
            *_on("{source}", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"),
            # Not on one stream: SAM's policy template DynamoDBStreamReadPolicy names all of the table's.
            ("dynamodb:ListStreams", "{sources}"),
        ),
        source="Lambda developer guide, services-dynamodb-eventsourcemapping, execution role permissions",
        refusal="Cannot access stream {source}. Please ensure the role can perform the GetRecords, GetShardIterator, "
        "DescribeStream, and ListStreams Actions on your stream in IAM.",
        code="InvalidParameterValueException",
        said_by="awslabs/dynamodb-continuous-backup#39",
    ),
}

DELIVERY = Act(
    needs=(
        *_on("arn:aws:s3:::{bucket}", "s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"),
        *_on("arn:aws:s3:::{bucket}/{key}", "s3:AbortMultipartUpload", "s3:PutObject"),
    ),
    source="Data Firehose developer guide, controlling-access, Amazon S3 destination",
    refusal="Access was denied. Ensure that the trust policy for the provided IAM role allows Amazon Data Firehose to "
    "assume the role, and the access policy allows access to the S3 bucket. ({denial})",
    code="S3.AccessDenied",
    said_by="Data Firehose developer guide, monitoring-with-cloudwatch-logs",
)
DELIVERY_LOG = Act(
    needs=(("logs:PutLogEvents", f"{_GROUP}:log-stream:{{stream}}"),),
    source=DELIVERY.source,
    refusal=None,
)
FUNCTION_LOG = Act(
    needs=_on(f"{_GROUP}:log-stream:{{stream}}", "logs:CreateLogStream", "logs:PutLogEvents"),
    source="Lambda developer guide, monitoring-cloudwatchlogs, for a group that is there already",
    refusal=None,
)
FUNCTION_NETWORK = Act(
    needs=_on("*", "ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"),
    source="Lambda developer guide, configuration-vpc, execution role permissions",
    refusal="The provided execution role does not have permissions to call {operation} on EC2",
    code="InvalidParameterValueException",
    said_by="aws/aws-sam-cli#617",
)
MACHINE_LOG = Act(
    needs=_on(
        "*",
        "logs:CreateLogDelivery",
        "logs:GetLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:DescribeResourcePolicies",
        "logs:DescribeLogGroups",
    ),
    source="Step Functions developer guide, cw-logs, IAM policies for logging",
    refusal="The state machine IAM Role is not authorized to access the Log Destination",
    said_by="Step Functions developer guide, cw-logs, troubleshooting",
)
