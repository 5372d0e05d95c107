"""AWS's documented rules between fields and states: one table, asked after the service model and before the service."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from . import rules_of_accounts, rules_of_event_sources, rules_of_quotas, rules_of_sagemaker

# Takes the input of a request; returns what is wrong, in AWS's words where they are known, or None.
Broken = Callable[[Mapping[str, Any]], str | None]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        service: MiniStack's name.
        operations: Those that it holds for.
        code: The error's code.
        broken: Tells what is wrong with a request's input.
        source: Where AWS says so.
        status: The HTTP status.
    """

    service: str
    operations: tuple[str, ...]
    code: str
    broken: Broken
    source: str
    status: int = 400


_GUIDE = "https://docs.aws.amazon.com/sagemaker/latest/dg"
_SERVERLESS = f"{_GUIDE}/serverless-endpoints.html#serverless-endpoints-how-it-works-exclusions"
_CONFIG = ("CreateEndpointConfig",)
_MAPPINGS = ("CreateEventSourceMapping", "UpdateEventSourceMapping")
_MAPPING = "https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html"
_OF_QUEUES = "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"

RULES = (
    Rule(
        "sagemaker",
        _CONFIG,
        "ValidationException",
        rules_of_sagemaker.one_kind_of_capacity,
        f"{_GUIDE}/deploy-model.html",
    ),
    Rule("sagemaker", _CONFIG, "ValidationException", rules_of_sagemaker.serverless_has_no_network, _SERVERLESS),
    Rule("sagemaker", _CONFIG, "ValidationException", rules_of_sagemaker.serverless_has_no_capture, _SERVERLESS),
    Rule("sagemaker", _CONFIG, "ValidationException", rules_of_sagemaker.serverless_is_one_variant, _SERVERLESS),
    Rule("sagemaker", _CONFIG, "ValidationException", rules_of_sagemaker.serverless_memory, _SERVERLESS),
    Rule(
        "sagemaker",
        _CONFIG,
        "ValidationException",
        rules_of_sagemaker.no_key_for_drives_of_endpoints,
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html (KmsKeyId)",
    ),
    Rule(
        "sagemaker",
        ("CreateTrainingJob", "CreateProcessingJob", "CreateHyperParameterTuningJob", "CreateTransformJob"),
        "ValidationException",
        rules_of_sagemaker.no_key_for_drives_of_jobs,
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceConfig.html (VolumeKmsKeyId), and "
        "API_TransformResources.html",
    ),
    Rule(
        "sagemaker",
        ("UpdateEndpoint", "UpdateEndpointWeightsAndCapacities", "DeleteEndpoint"),
        "ValidationException",
        rules_of_sagemaker.endpoint_is_at_rest,
        "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html; of DeleteEndpoint tells "
        "aws/amazon-sagemaker-examples#3432",
    ),
    Rule(
        "sagemaker",
        ("UpdateEndpoint",),
        "ValidationException",
        rules_of_sagemaker.scaled_variants_keep_their_instances,
        f"{_GUIDE}/endpoint-scaling-update.html",
    ),
    Rule("sagemaker", ("UpdateEndpoint",), "ValidationException", rules_of_sagemaker.no_change_of_mode, _SERVERLESS),
    Rule(
        "sagemaker",
        ("CreateHyperParameterTuningJob",),
        "ValidationException",
        rules_of_sagemaker.tuned_by_what_is_tunable,
        f"{_GUIDE}/xgboost-tuning.html#xgboost-tunable-hyperparameters",
    ),
    Rule(
        "lambda",
        ("CreateFunction", "UpdateFunctionConfiguration"),
        "InvalidParameterValueException",
        rules_of_quotas.environment_of_functions,
        "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    ),
    Rule(
        "lambda",
        ("PutFunctionConcurrency",),
        "InvalidParameterValueException",
        rules_of_quotas.reserved_concurrency,
        "https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html",
    ),
    Rule(
        "lambda",
        _MAPPINGS[:1],
        "InvalidParameterValueException",
        rules_of_event_sources.source_is_there,
        f"{_MAPPING} (EventSourceArn)",
    ),
    Rule(
        "lambda",
        _MAPPINGS[:1],
        "ResourceConflictException",
        rules_of_event_sources.one_mapping_of_a_source,
        f"{_MAPPING} (Errors); the texts are those of DataBiosphere/azul#3399 and tmobile/jazz#74",
        409,
    ),
    Rule(
        "lambda",
        _MAPPINGS[:1],
        "InvalidParameterValueException",
        rules_of_event_sources.streams_start_somewhere,
        f"{_MAPPING} (StartingPosition)",
    ),
    Rule(
        "lambda",
        _MAPPINGS,
        "InvalidParameterValueException",
        rules_of_event_sources.settings_of_the_source,
        "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html and services-ddb-params.html",
    ),
    Rule(
        "lambda",
        _MAPPINGS,
        "InvalidParameterValueException",
        rules_of_event_sources.batches_of_queues,
        f"{_MAPPING} (BatchSize); the text is that of serverless/serverless#8989",
    ),
    Rule(
        "lambda",
        _MAPPINGS,
        "InvalidParameterValueException",
        rules_of_event_sources.visibility_outlasts_the_function,
        f"{_OF_QUEUES}; the text is that of github-aws-runners/terraform-aws-github-runner#465",
    ),
    Rule(
        "lambda",
        _MAPPINGS,
        "InvalidParameterValueException",
        rules_of_event_sources.filters_are_patterns,
        "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html",
    ),
    Rule(
        "apigateway",
        ("UpdateStage",),
        "BadRequestException",
        rules_of_accounts.logs_need_the_accounts_role,
        "https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-logging.html",
    ),
    Rule(
        "lambda",
        ("Invoke",),
        "RequestTooLargeException",
        rules_of_quotas.payload_of_functions,
        "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
        413,
    ),
    Rule(
        "iam",
        ("PutRolePolicy",),
        "LimitExceeded",
        rules_of_quotas.inline_policies_of_roles,
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html",
    ),
    Rule(
        "ssm",
        ("PutParameter",),
        "ValidationException",
        rules_of_quotas.value_of_standard_parameters,
        "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html",
    ),
    Rule(
        "sqs",
        ("SendMessage",),
        "InvalidParameterValue",
        rules_of_quotas.message_of_queues,
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html",
    ),
    Rule(
        "sqs",
        ("CreateQueue", "SetQueueAttributes"),
        "InvalidParameterValue",
        rules_of_quotas.dead_letter_queue_takes_it,
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html "
        "(RedriveAllowPolicy, RedrivePolicy)",
    ),
    Rule(
        "sns",
        ("Publish",),
        "InvalidParameter",
        rules_of_quotas.message_of_topics,
        "https://docs.aws.amazon.com/sns/latest/api/API_Publish.html",
    ),
    Rule(
        "events",
        ("PutTargets",),
        "LimitExceededException",
        rules_of_quotas.targets_of_rules,
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
    ),
    Rule(
        "firehose",
        ("CreateDeliveryStream", "UpdateDestination"),
        "InvalidArgumentException",
        rules_of_quotas.buffers_of_streams,
        "https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-s3bucketprefix.html and "
        "record-format-conversion.html; the text is that of neylsoncrepalde/edc-mod1-exercise-igti#15",
    ),
    Rule(
        "events",
        ("PutRule",),
        "LimitExceededException",
        rules_of_quotas.rules_of_buses,
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
    ),
    Rule(
        "events",
        ("CreateArchive",),
        "ResourceNotFoundException",
        rules_of_quotas.archived_bus,
        "https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateArchive.html (Errors)",
    ),
    Rule(
        "events",
        ("PutEvents",),
        "ValidationException",
        rules_of_quotas.size_of_events,
        "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html",
    ),
    Rule(
        "states",
        ("StartExecution",),
        "InvalidExecutionInput",
        rules_of_quotas.input_is_json,
        "https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html",
    ),
    Rule(
        "states",
        ("StartExecution", "SendTaskSuccess"),
        "ValidationException",
        rules_of_quotas.data_of_executions,
        "https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html#service-limits-task-executions",
    ),
)

_BY_OPERATION: dict[tuple[str, str], list[Rule]] = {}
for _rule in RULES:
    for _operation in _rule.operations:
        _BY_OPERATION.setdefault((_rule.service, _operation), []).append(_rule)


def broken_by(service: str, operation: str, values: Mapping[str, Any]) -> tuple[Rule, str] | None:
    """Finds the first rule that a request breaks, and what to say; the request fits its service model."""
    for rule in _BY_OPERATION.get((service, operation), []):
        if text := rule.broken(values):
            return rule, text
    return None


def listed() -> list[dict[str, Any]]:
    """Returns the table, for people."""
    return [
        {"service": rule.service, "operations": rule.operations, "rule": rule.broken.__doc__, "source": rule.source}
        for rule in RULES
    ]
