"""The resources that requests are about, by which IAM's policies are asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from . import autoscaling, event_schemas
from .sagemaker import resources
from .sagemaker.store import ENDPOINT
from .states import task_tokens

Extract = Callable[..., str]


def extracting(extract: Extract) -> Extract:
    """Wraps MiniStack's resource extraction, which knows nothing of SageMaker, of task tokens and of message moves."""

    def extract_resource_arn(
        service_name: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account: str,
    ) -> str:
        if service_name not in ("sagemaker", "application-autoscaling", "schemas", "states", "sqs"):
            return extract(service_name, method, path, headers, body, query, region, account)
        if service_name == "schemas":
            return event_schemas.authorized_arn(path)
        if path.startswith("/endpoints/"):
            return ENDPOINT.arn(path.split("/")[2])
        try:
            request = json.loads(body or b"{}")
        except json.JSONDecodeError:
            request = {}
        if service_name == "sqs":
            # Those that move messages name a queue by its ARN.
            source: str = request.get("SourceArn", "")
            return source or extract(service_name, method, path, headers, body, query, region, account)
        if service_name == "states":
            resumed = task_tokens.owner(request.get("taskToken", ""))
            return resumed or extract(service_name, method, path, headers, body, query, region, account)
        if service_name == "application-autoscaling":
            return autoscaling.authorized_arn(request)
        return resources.arns(headers.get("x-amz-target", "").rpartition(".")[2], request)[0]

    return extract_resource_arn
