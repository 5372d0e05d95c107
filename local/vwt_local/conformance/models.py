"""Botocore's service models by MiniStack's names of the services."""

from __future__ import annotations

import functools
from typing import Any

import botocore
from botocore.loaders import create_loader
from botocore.model import ServiceModel

VERSION: str = botocore.__version__

# MiniStack's name of a service, and botocore's. Each request of these is checked.
SERVICES = {
    "apigateway": "apigateway",
    "application-autoscaling": "application-autoscaling",
    "cloudtrail": "cloudtrail",
    "cognito-idp": "cognito-idp",
    "dynamodb": "dynamodb",
    "dynamodbstreams": "dynamodbstreams",
    "ecr": "ecr",
    "events": "events",
    "firehose": "firehose",
    "glue": "glue",
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
    "schemas": "schemas",
    "secretsmanager": "secretsmanager",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "states": "stepfunctions",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
    "wafv2": "wafv2",
}

# Not a session: its module alone takes a tenth of a second to import.
_loader = create_loader()


@functools.cache
def model(service: str) -> Any:
    """Returns the model of a service, by MiniStack's name of it."""
    name = SERVICES[service]
    return ServiceModel(_loader.load_service_model(name, "service-2"), name)


@functools.cache
def operation(service: str, name: str) -> Any:
    """Returns the model of an operation; None when the service has none of this name."""
    found = model(service)
    return found.operation_model(name) if name in found.operation_names else None
