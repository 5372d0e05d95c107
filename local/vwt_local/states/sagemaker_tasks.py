"""`arn:aws:states:::sagemaker:*` and `aws-sdk:sagemaker:*` tasks."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from ministack.services import stepfunctions

from ..json_service import JsonObject
from ..sagemaker.jobs import is_over
from ..sagemaker.service import OPERATIONS
from ..sagemaker.store import PROCESSING_JOB, TRAINING_JOB, TRANSFORM_JOB, TUNING_JOB, Kind
from ..threads import call_service
from . import acting

# MiniStack's description of the service, its name, the action, the arguments.
Dispatch = Callable[[JsonObject, str, str, Any], Any]

PREFIX = "arn:aws:states:::sagemaker:"
_OPERATIONS = (
    "createTrainingJob", "createProcessingJob", "createHyperParameterTuningJob", "createTransformJob", "createModel",
    "createEndpointConfig", "createEndpoint", "updateEndpoint",
)  # fmt: skip
# The kinds of the jobs that `.sync` follows.
_SYNC = {
    "createTrainingJob": TRAINING_JOB,
    "createProcessingJob": PROCESSING_JOB,
    "createHyperParameterTuningJob": TUNING_JOB,
    "createTransformJob": TRANSFORM_JOB,
}
_POLL_SECONDS = 0.1

# The names of the exceptions of the AWS SDK for Java, version 1, which optimized integrations use. What it has no class
# for is the service's general exception, ValidationException among it.
_SDK_1 = {
    "ResourceInUse": "ResourceInUseException",
    "ResourceLimitExceeded": "ResourceLimitExceededException",
    "ResourceNotFound": "ResourceNotFoundException",
}
AWS_SDK = {"target_prefix": "SageMaker", "protocol": "json"}


def invoke(resource: str, arguments: JsonObject) -> Any:
    """Runs an optimized integration.

    Raises:
        stepfunctions._ExecutionError: `SageMaker.<exception>` when the call fails, `States.TaskFailed` with the job
            as Cause when a `.sync` job does.
    """
    operation, _, pattern = resource.removeprefix(PREFIX).partition(".")
    if operation not in _OPERATIONS or (pattern and (operation not in _SYNC or pattern != "sync")):
        raise stepfunctions._ExecutionError("States.Runtime", f"The local emulator has no task {resource}.")
    answer = _call(operation[0].upper() + operation[1:], arguments)
    if not pattern:
        return answer
    kind = _SYNC[operation]
    return _wait(kind, arguments[f"{kind.name}Name"])


def _call(operation: str, arguments: JsonObject) -> JsonObject:
    headers = {"x-amz-target": f"SageMaker.{operation}"}
    status, body = call_service("sagemaker", "POST", "/", headers, json.dumps(arguments).encode())
    answer: JsonObject = json.loads(body)
    if status >= 400:
        code = answer["__type"]
        raise stepfunctions._ExecutionError(
            f"SageMaker.{_SDK_1.get(code, 'AmazonSageMakerException')}",
            f"{answer['message']} (Service: AmazonSageMaker; Status Code: {status}; Error Code: {code})",
        )
    return answer


def _wait(kind: Kind, name: str) -> JsonObject:
    while not is_over(kind, kind.get(name)):
        if not acting.is_running():
            # "If the execution is stopped, Step Functions stops the job": service integration patterns.
            OPERATIONS[f"Stop{kind.name}"]({f"{kind.name}Name": name})
            raise stepfunctions._ExecutionError("States.TaskFailed", "The execution was stopped.")
        time.sleep(_POLL_SECONDS)
    job: JsonObject = _instants(kind.describe(name), _milliseconds)
    if job[f"{kind.name}Status"] != "Completed":
        raise stepfunctions._ExecutionError("States.TaskFailed", json.dumps(job))
    return job


def sdk_dispatch(dispatch: Dispatch) -> Dispatch:
    """Wraps MiniStack's `_dispatch_aws_sdk_json`, which leaves instants as the service's protocol has them."""

    def dispatch_aws_sdk_json(info: JsonObject, service: str, action: str, arguments: Any) -> Any:
        answer = dispatch(info, service, action, arguments)
        return _instants(answer, _iso) if service == "sagemaker" else answer

    return dispatch_aws_sdk_json


def _milliseconds(seconds: float) -> int:
    """Writes an instant as optimized integrations do."""
    return round(seconds * 1000)


def _iso(seconds: float) -> str:
    """Writes an instant as aws-sdk integrations do."""
    return datetime.fromtimestamp(seconds, timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _instants(value: Any, shown: Callable[[float], object]) -> Any:
    """Copies an answer with its instants written in another way."""
    if isinstance(value, list):
        return [_instants(item, shown) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: shown(item) if isinstance(item, float) and key.endswith(("Time", "Timestamp")) else _instants(item, shown)
        for key, item in value.items()
    }
