"""Knows the execution that a thread works for, and asks its state machine's role for what it does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import stepfunctions

from .. import iam
from ..errors import ApiError
from ..json_service import JsonObject
from ..roles import callers
from ..sagemaker import resources


@dataclass(frozen=True)
class Acting:
    """An execution and the role of its state machine."""

    execution_arn: str
    role_arn: str


# Threads of branches, iterations and time-outs copy their parent's context, so all of them see it.
_acting: ContextVar[Acting | None] = ContextVar("vwt_acting", default=None)

_STATES = "arn:aws:states:::"

# Optimized integrations whose service or action differs from the name in the ARN. Others are `<service>:<Action>`.
_NAMED = {
    "lambda:invoke": ("lambda", "lambda:InvokeFunction"),
    "states:startExecution": ("states", "states:StartExecution"),
}
# S3's operations whose permission has another name.
_S3_ACTIONS = {
    "ListObjectsV2": "ListBucket",
    "ListObjects": "ListBucket",
    "HeadObject": "GetObject",
    "HeadBucket": "ListBucket",
}

# Actions that Step Functions needs to follow a `.sync` task: on the task's resource, and on its managed rule.
# Source: "Step Functions and SageMaker", "... and Step Functions", IAM policies in the developer guide.
_SYNC = {
    "sagemaker:createTrainingJob": (
        ("sagemaker:DescribeTrainingJob", "sagemaker:StopTrainingJob"),
        "StepFunctionsGetEventsForSageMakerTrainingJobsRule",
    ),
    "sagemaker:createProcessingJob": (
        ("sagemaker:DescribeProcessingJob", "sagemaker:StopProcessingJob"),
        "StepFunctionsGetEventsForSageMakerProcessingJobsRule",
    ),
    "sagemaker:createHyperParameterTuningJob": (
        ("sagemaker:DescribeHyperParameterTuningJob", "sagemaker:StopHyperParameterTuningJob"),
        "StepFunctionsGetEventsForSageMakerTuningJobsRule",
    ),
    "sagemaker:createTransformJob": (
        ("sagemaker:DescribeTransformJob", "sagemaker:StopTransformJob"),
        "StepFunctionsGetEventsForSageMakerTransformJobsRule",
    ),
    "states:startExecution": ((), "StepFunctionsGetEventsForStepFunctionsExecutionRule"),
}
_RULE_ACTIONS = ("events:PutTargets", "events:PutRule", "events:DescribeRule")

Grant = tuple[str, str, Mapping[str, Any]]  # action, resource, condition keys


def current() -> Acting | None:
    """Returns the execution this thread works for, if any."""
    return _acting.get()


def is_running() -> bool:
    """Tells whether the execution that this thread works for has not been stopped."""
    acting = current()
    if acting is None:
        return True
    return bool(stepfunctions._executions[acting.execution_arn]["status"] == "RUNNING")


def running_as_role(run: Callable[[str], None]) -> Callable[[str], None]:
    """Wraps MiniStack's `_run_execution`, so that everything it starts knows its role."""

    def run_execution(execution_arn: str) -> None:
        execution = stepfunctions._executions[execution_arn]
        machine = stepfunctions._state_machines.get(execution["stateMachineArn"])
        token = _acting.set(Acting(execution_arn, machine["roleArn"]) if machine else None)
        try:
            run(execution_arn)
        finally:
            _acting.reset(token)

    return run_execution


def checking_role(invoke: Callable[[str, Any], Any]) -> Callable[[str, Any], Any]:
    """Wraps MiniStack's `_invoke_resource`, so that a task needs its role's permission."""

    def invoke_resource(resource: str, arguments: Any) -> Any:
        require(resource, arguments)
        return invoke(resource, arguments)

    return invoke_resource


def require(resource: str, arguments: Any) -> None:
    """Checks the role of the running execution for one task.

    Raises:
        stepfunctions._ExecutionError: `<Service>.AccessDeniedException`, naming the action that is missing.
    """
    acting = current()
    if acting is None or not iam.enforced():
        return
    principal = iam.assumed(acting.role_arn, acting.execution_arn.rsplit(":", 1)[-1])
    grants = list(_grants(resource, arguments if isinstance(arguments, dict) else {}))
    for action, arn, keys in grants:
        try:
            iam.require_of(principal, action, arn, keys)
        except ApiError as error:
            # The service that is called says it, of a key or a role that it is given too.
            service = grants[0][0].split(":")[0]
            prefix = {"sagemaker": "SageMaker"}.get(service, service.capitalize())
            raise stepfunctions._ExecutionError(f"{prefix}.{error.code}", error.message) from error


def _grants(resource: str, arguments: JsonObject) -> Iterator[Grant]:
    """Returns the permissions that one task needs."""
    if ":function:" in resource and not resource.startswith(_STATES):
        yield "lambda:InvokeFunction", resource, {}
        return
    if not resource.startswith(_STATES):  # an activity: its worker polls, nobody is called
        return
    # After the operation: nothing, .sync, .sync:2 or .waitForTaskToken.
    name, _, pattern = resource.removeprefix(_STATES).partition(".")
    service, action, targets = _call(name.removeprefix("aws-sdk:"), arguments)
    for each in targets:
        yield action, each, _keys(service, arguments)
    yield from callers.needs(action, arguments)
    if arguments.get("Tags") and service == "sagemaker":
        yield from (("sagemaker:AddTags", each, {}) for each in targets)
    if pattern.startswith("sync") and name in _SYNC:
        actions, rule = _SYNC[name]
        yield from ((extra, each, {}) for extra in actions for each in targets)
        rule_arn = f"arn:aws:events:{get_region()}:{get_account_id()}:rule/{rule}"
        yield from ((extra, rule_arn, {}) for extra in _RULE_ACTIONS)


def _call(name: str, arguments: JsonObject) -> tuple[str, str, list[str]]:
    """Returns MiniStack's name of the service, the IAM action, and the resources' ARNs of `<service>:<operation>`."""
    sdk_service, operation = name.split(":")
    operation = operation[0].upper() + operation[1:]
    known = stepfunctions._AWS_SDK_SERVICE_MAP.get(sdk_service, {})
    service, action = _NAMED.get(name, (known.get("service_key", sdk_service), ""))
    if not action:
        namespace = iam_actions.SERVICE_TO_IAM_NAMESPACE.get(service, service)
        renamed = _S3_ACTIONS.get(operation, operation) if service == "s3" else operation
        action = f"{namespace}:{renamed}"
    if service == "sagemaker":
        return service, action, resources.arns(operation, arguments)
    return service, action, [_resource(service, operation, arguments)]


def _resource(service: str, operation: str, arguments: JsonObject) -> str:
    """Returns the ARN that MiniStack would check, had the same call come by HTTP."""
    # Step Functions writes members with a capital, some services' APIs without.
    lowered = {key[0].lower() + key[1:]: value for key, value in arguments.items()}
    both = {**lowered, **arguments}
    body = json.dumps(both, default=str).encode()
    path = {
        "s3": f"/{both.get('Bucket', '')}/{both.get('Key', '')}",
        "lambda": f"/2015-03-31/functions/{both.get('FunctionName', '')}/invocations",
    }.get(service, "/")
    query = {key: [value] for key, value in both.items() if isinstance(value, str)}
    headers = {"x-amz-target": f"x.{operation}"}
    if service == "events" and operation == "PutEvents":
        buses = iam_actions.eventbridge_resource_arns(body, get_region(), get_account_id())
        return buses[0] if buses else "*"
    arn: str = iam_actions.extract_resource_arn(
        service, "POST", path, headers, body, query, get_region(), get_account_id()
    )
    return arn


def _keys(service: str, arguments: JsonObject) -> JsonObject:
    if service == "s3" and "Prefix" in arguments:
        return {"s3:prefix": [arguments["Prefix"]]}
    if service == "monitoring" and "Namespace" in arguments:
        return {"cloudwatch:namespace": arguments["Namespace"]}
    return {}
