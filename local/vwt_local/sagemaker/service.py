"""SageMaker's operations by name, and the split between control plane and runtime."""

from __future__ import annotations

from typing import Any

from ..json_service import Operation, Response, json_service
from . import catalogue, endpoints, ground_truth, model_packages, processing, runtime, training, transform, tuning
from .store import ENDPOINT_CONFIG, KINDS, MODEL, Kind


def _reads(kind: Kind) -> dict[str, Operation]:
    return {
        f"Describe{kind.name}": lambda request: kind.describe(request[f"{kind.name}Name"]),
        f"List{kind.name}s": kind.list,
    }


def _delete(kind: Kind) -> dict[str, Operation]:
    def delete(request: dict[str, Any]) -> dict[str, Any]:
        kind.remove(request[f"{kind.name}Name"])
        return {}

    return {f"Delete{kind.name}": delete}


OPERATIONS: dict[str, Operation] = {
    **{name: operation for kind in KINDS for name, operation in _reads(kind).items()},
    **{name: operation for kind in (MODEL, ENDPOINT_CONFIG) for name, operation in _delete(kind).items()},
    "CreateModel": catalogue.create_model,
    "CreateEndpointConfig": catalogue.create_endpoint_config,
    "CreateModelPackageGroup": catalogue.create_model_package_group,
    "PutModelPackageGroupPolicy": catalogue.put_group_policy,
    "GetModelPackageGroupPolicy": catalogue.get_group_policy,
    "DeleteModelPackageGroupPolicy": catalogue.delete_group_policy,
    "DeleteModelPackageGroup": model_packages.delete_group,
    "CreateModelPackage": model_packages.create,
    "ListModelPackages": model_packages.list_versions,
    "UpdateModelPackage": model_packages.update,
    "DeleteModelPackage": model_packages.delete,
    "CreateEndpoint": endpoints.create,
    "UpdateEndpoint": endpoints.update,
    "UpdateEndpointWeightsAndCapacities": endpoints.update_weights,
    "DeleteEndpoint": endpoints.delete,
    "CreateTrainingJob": training.create,
    "StopTrainingJob": training.stop,
    "CreateProcessingJob": processing.create,
    "StopProcessingJob": processing.stop,
    "CreateTransformJob": transform.create,
    "StopTransformJob": transform.stop,
    "CreateHyperParameterTuningJob": tuning.create,
    "DescribeHyperParameterTuningJob": tuning.describe,
    "ListTrainingJobsForHyperParameterTuningJob": tuning.list_training_jobs,
    "StopHyperParameterTuningJob": tuning.stop,
    **dict.fromkeys(ground_truth.OPERATIONS, ground_truth.refuse),
    "AddTags": catalogue.add_tags,
    "ListTags": catalogue.list_tags,
    "DeleteTags": catalogue.delete_tags,
}

_control = json_service("sagemaker", OPERATIONS)


async def handle(method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]) -> Response:
    """Handles every request under SageMaker's credential scope."""
    serve = runtime.invoke if runtime.is_invocation(path) else _control
    return await serve(method, path, headers, body, query)
