"""Refuses fields that an integration of Step Functions does not know: States.Runtime, which nothing catches.

Optimized integrations take the parameters that the developer guide lists, in its last edition that had lists (2022, in
awsdocs/aws-step-functions-developer-guide), and those that are known to work beside them. AWS SDK integrations take the
operation's input, with the names that the Java SDK gives to its members.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

from ministack.services import stepfunctions as sf

from ..conformance import answers, counts, models
from ..conformance.checking import problems_in, problems_of
from ..conformance.requests import Request
from ..conformance.shapes import TYPE

_STATES = "arn:aws:states:::"

# MiniStack's name of the service, and the parameters.
_OPTIMIZED = {
    "dynamodb:getItem": (
        "dynamodb",
        "AttributesToGet ConsistentRead ExpressionAttributeNames Key ProjectionExpression ReturnConsumedCapacity "
        "TableName",
    ),
    "dynamodb:putItem": (
        "dynamodb",
        "ConditionalOperator ConditionExpression Expected ExpressionAttributeNames ExpressionAttributeValues Item "
        "ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues TableName",
    ),
    "dynamodb:deleteItem": (
        "dynamodb",
        "ConditionalOperator ConditionExpression Expected ExpressionAttributeNames ExpressionAttributeValues Key "
        "ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues TableName",
    ),
    "dynamodb:updateItem": (
        "dynamodb",
        "AttributeUpdates ConditionalOperator ConditionExpression Expected ExpressionAttributeNames "
        "ExpressionAttributeValues Key ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues TableName "
        "UpdateExpression",
    ),
    "events:putEvents": ("events", "Entries"),
    "lambda:invoke": ("lambda", "ClientContext FunctionName InvocationType LogType Payload Qualifier"),
    "sns:publish": ("sns", "Message MessageAttributes MessageStructure PhoneNumber Subject TargetArn TopicArn"),
    "sqs:sendMessage": (
        "sqs",
        "DelaySeconds MessageAttributes MessageBody MessageDeduplicationId MessageGroupId QueueUrl",
    ),
    "states:startExecution": ("states", "Input Name StateMachineArn"),
    "sagemaker:createEndpoint": ("sagemaker", "EndpointConfigName EndpointName Tags"),
    "sagemaker:createEndpointConfig": ("sagemaker", "EndpointConfigName KmsKeyId ProductionVariants Tags"),
    "sagemaker:createHyperParameterTuningJob": (
        "sagemaker",
        "HyperParameterTuningJobConfig HyperParameterTuningJobName Tags TrainingJobDefinition WarmStartConfig",
    ),
    "sagemaker:createLabelingJob": (
        "sagemaker",
        "HumanTaskConfig InputConfig LabelAttributeName LabelCategoryConfigS3Uri LabelingJobAlgorithmsConfig "
        "LabelingJobName OutputConfig RoleArn StoppingConditions Tags",
    ),
    "sagemaker:createModel": (
        "sagemaker",
        "Containers EnableNetworkIsolation ExecutionRoleArn ModelName PrimaryContainer Tags VpcConfig",
    ),
    "sagemaker:createProcessingJob": (
        "sagemaker",
        "AppSpecification Environment ExperimentConfig NetworkConfig ProcessingInputs ProcessingJobName "
        "ProcessingOutputConfig ProcessingResources RoleArn StoppingCondition Tags",
    ),
    # Beside the list: isolation and environment (aws-cdk's SageMakerCreateTrainingJob), spot instances and checkpoints
    # (ohbuchim/sample-codes-for-aiml, sagemaker-managed-spot-training-pipeline).
    "sagemaker:createTrainingJob": (
        "sagemaker",
        "AlgorithmSpecification HyperParameters InputDataConfig OutputDataConfig ResourceConfig RoleArn "
        "StoppingCondition Tags TrainingJobName VpcConfig EnableNetworkIsolation Environment EnableManagedSpotTraining "
        "CheckpointConfig",
    ),
    "sagemaker:createTransformJob": (
        "sagemaker",
        "BatchStrategy Environment MaxConcurrentTransforms MaxPayloadInMB ModelName Tags TransformInput "
        "TransformJobName TransformOutput TransformResources",
    ),
    "sagemaker:updateEndpoint": ("sagemaker", "EndpointConfigName EndpointName"),
}
# Step Functions turns a document into the text that the service wants.
_DOCUMENTS = ("Message", "MessageBody", "Input", "Payload", "Detail", "ClientContext")

_UNSUPPORTED = 'The field "{}" is not supported by Step Functions'

Invoke = Callable[..., Any]


def checking_parameters(invoke: Invoke) -> Invoke:
    """Wraps what invokes a task's resource: its arguments are those that Step Functions and the service know."""

    def invoke_resource(resource: str, arguments: Any, *rest: Any) -> Any:
        require_known(resource, arguments)
        return invoke(resource, arguments, *rest)

    return invoke_resource


def require_known(resource: str, arguments: Any) -> None:
    """Checks the arguments of a task.

    Raises:
        sf._ExecutionError: States.Runtime, naming the fields; the service's general exception when a value breaks one
            of its constraints.
    """
    name = resource.removeprefix(_STATES).partition(".")[0]
    if not resource.startswith(_STATES) or not isinstance(arguments, dict):
        return
    if name.startswith("aws-sdk:"):
        _, sdk_service, action = name.split(":")
        known = sf._AWS_SDK_SERVICE_MAP.get(sdk_service.lower(), {})
        service, allowed = known.get("service_key", sdk_service.lower()), None
    elif name in _OPTIMIZED:
        service, listed = _OPTIMIZED[name]
        action, allowed = name.split(":")[1], frozenset(listed.split())
    else:
        return
    operation = models.operation(service, action[:1].upper() + action[1:]) if service in models.SERVICES else None
    if operation is None or operation.input_shape is None:
        return
    shape = operation.input_shape
    wrong = [_UNSUPPORTED.format(field) for field in arguments if allowed is not None and field not in allowed]
    values = _member_names(shape, arguments, wrong)
    wrong += [
        f"The field '{_sdk_name(field)}' is required but was missing"
        for field in shape.required_members
        if values.get(field) is None and not shape.members[field].metadata.get("idempotencyToken")
    ]
    request = Request(service, operation.name, shape, values, on_the_wire=False)
    wrong += [problem.text for problem in problems_in(request) if problem.kind == TYPE]
    if wrong:
        _refuse(service, operation.name, arguments, wrong)
    # Requests that go through the service's handler are checked and counted there.
    if allowed is not None and service != "sagemaker" and (problems := problems_of(request)):
        raise sf._ExecutionError(_GENERAL[name.split(":")[0]], answers.text_of(problems))


def _refuse(service: str, operation: str, arguments: Any, wrong: list[str]) -> NoReturn:
    texts = "; ".join(dict.fromkeys(wrong))
    counts.refused(service, operation, texts)
    cause = f"The Parameters '{json.dumps(arguments)[:500]}' could not be used to start the Task: [{texts}]"
    raise sf._ExecutionError("States.Runtime", cause)


# The exceptions of the Java SDK's first version for what it has no class for.
_GENERAL = {
    "dynamodb": "DynamoDB.AmazonDynamoDBException",
    "events": "EventBridge.AmazonEventBridgeException",
    "lambda": "Lambda.AWSLambdaException",
    "sns": "SNS.AmazonSNSException",
    "sqs": "SQS.AmazonSQSException",
    "states": "StepFunctions.AWSStepFunctionsException",
}


def _sdk_name(member: str) -> str:
    """Returns a member's name in the Java SDK, with a capital."""
    head = len(member) - len(member.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    lowered = member[: head - 1].lower() + member[head - 1 :] if 1 < head < len(member) else member
    return lowered[:1].upper() + lowered[1:]


def _member_names(shape: Any, value: Any, wrong: list[str]) -> Any:
    """Renames a value's members from Step Functions' names to the model's; notes the fields that there are not."""
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        names = {name[:1].upper() + name[1:]: name for name in shape.members}
        names.update({known(name): name for name in shape.members for known in (_sdk_name, sf._api_name_to_sfn_key)})
        found = {}
        for field, item in value.items():
            if field not in names:
                wrong.append(_UNSUPPORTED.format(field))
            elif field in _DOCUMENTS:
                text = item if isinstance(item, str) else json.dumps(item)
                found[names[field]] = text.encode() if shape.members[names[field]].type_name == "blob" else text
            else:
                found[names[field]] = _member_names(shape.members[names[field]], item, wrong)
        return found
    if shape.type_name == "list" and isinstance(value, list):
        return [_member_names(shape.member, item, wrong) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {key: _member_names(shape.value, item, wrong) for key, item in value.items()}
    return value
