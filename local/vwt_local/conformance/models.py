"""Botocore's service models by MiniStack's names of the services."""

from __future__ import annotations

import functools
from typing import Any

import botocore
import botocore.session

VERSION: str = botocore.__version__

# MiniStack's name of a service, and botocore's. Each request of these is checked.
SERVICES = {
    "apigateway": "apigateway",
    "application-autoscaling": "application-autoscaling",
    "cloudtrail": "cloudtrail",
    "cognito-idp": "cognito-idp",
    "dynamodb": "dynamodb",
    "ecr": "ecr",
    "events": "events",
    "firehose": "firehose",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "resource-groups": "resource-groups",
    "s3": "s3",
    "sagemaker": "sagemaker",
    "sagemaker-runtime": "sagemaker-runtime",
    "scheduler": "scheduler",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "stepfunctions",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
    "wafv2": "wafv2",
}

_session = botocore.session.get_session()


@functools.cache
def model(service: str) -> Any:
    """The model of a service, by MiniStack's name of it."""
    return _session.get_service_model(SERVICES[service])


@functools.cache
def operation(service: str, name: str) -> Any:
    """The model of an operation; None when the service has none of this name."""
    found = model(service)
    return found.operation_model(name) if name in found.operation_names else None


def load() -> None:
    """Reads all models, which takes most of a second: nobody's first request has to wait for them."""
    for service in SERVICES:
        model(service)
