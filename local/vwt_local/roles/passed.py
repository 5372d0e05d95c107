"""The table of roles that callers pass to services: the caller needs iam:PassRole, the role must trust the service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .. import iam
from ..errors import ApiError
from . import acts, table


class Service(NamedTuple):
    """A service that roles are passed to.

    Attributes:
        principal: The service's name in trust policies.
        code: The code of its error when a role does not trust it.
        refusal: The error's text; `{role}` is the role's ARN.
        source: Where the text was seen.
    """

    principal: str
    code: str
    refusal: str
    source: str


class Passed(NamedTuple):
    """A role in a request.

    Attributes:
        actions: The caller's actions, in IAM's notation.
        member: Where the request has the role; `*` goes through a list.
        service: The service that is to assume the role.
        tried: Acts that the service tries in the role's name before it answers, each with the member it does it for.
    """

    actions: tuple[str, ...]
    member: tuple[str, ...]
    service: Service
    tried: tuple[tuple[tuple[str, ...], table.Act], ...] = ()


SAGEMAKER = Service(
    "sagemaker.amazonaws.com",
    "ValidationException",
    "Could not assume role {role}. Please ensure that the role exists and allows principal 'sagemaker.amazonaws.com' "
    "to assume the role.",
    "awslabs/predictive-maintenance-using-machine-learning#3",
)
SCHEDULER = Service(
    "scheduler.amazonaws.com",
    "ValidationException",
    "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
    "terraform-provider-aws, internal/service/scheduler/retry.go",
)
FIREHOSE = Service(
    "firehose.amazonaws.com",
    "InvalidArgumentException",
    "Firehose is unable to assume role {role}. Please check the role provided.",
    "terraform-provider-aws, internal/service/firehose/delivery_stream.go",
)
EVENTS = Service(
    "events.amazonaws.com",
    "ValidationException",
    "Provided role '{role}' cannot be assumed by principal 'events.amazonaws.com'.",
    "users of Zappa quote PutRule",
)
STATES = Service(
    "states.amazonaws.com",
    "AccessDeniedException",
    "Neither the global service principal states.amazonaws.com, nor the regional one is authorized to assume the "
    "provided role.",
    "the resource provider of AWS::StepFunctions::StateMachine, Constants",
)
LAMBDA = Service(
    "lambda.amazonaws.com",
    "InvalidParameterValueException",
    "The role defined for the function cannot be assumed by Lambda.",
    "terraform-provider-aws, internal/service/lambda/function.go",
)

TABLE: tuple[Passed, ...] = (
    Passed(
        ("sagemaker:CreateTrainingJob", "sagemaker:CreateProcessingJob", "sagemaker:CreateLabelingJob"),
        ("RoleArn",),
        SAGEMAKER,
    ),
    Passed(("sagemaker:CreateHyperParameterTuningJob",), ("TrainingJobDefinition", "RoleArn"), SAGEMAKER),
    Passed(("sagemaker:CreateModel",), ("ExecutionRoleArn",), SAGEMAKER),
    Passed(("scheduler:CreateSchedule", "scheduler:UpdateSchedule"), ("Target", "RoleArn"), SCHEDULER),
    Passed(("firehose:CreateDeliveryStream",), ("ExtendedS3DestinationConfiguration", "RoleARN"), FIREHOSE),
    Passed(("events:PutTargets",), ("Targets", "*", "RoleArn"), EVENTS),
    Passed(
        ("states:CreateStateMachine", "states:UpdateStateMachine"),
        ("roleArn",),
        STATES,
        ((("loggingConfiguration", "destinations", "*", "cloudWatchLogsLogGroup", "logGroupArn"), table.MACHINE_LOG),),
    ),
    Passed(
        ("lambda:CreateFunction",),
        ("Role",),
        LAMBDA,
        ((("VpcConfig", "SubnetIds", "*"), table.FUNCTION_NETWORK),),
    ),
)
ACTIONS: Mapping[str, Passed] = {action: passed for passed in TABLE for action in passed.actions}


def passed_roles(action: str, request: Any) -> Iterator[tuple[str, str]]:
    """Returns the ARNs of the roles that a request passes, each with the service."""
    if passed := ACTIONS.get(action):
        yield from ((role, passed.service.principal) for role in _values(request, passed.member))


def require_trust(action: str, request: Any) -> None:
    """Checks that the roles of a request trust the service they are passed to, and may do what it tries at once.

    Raises:
        ApiError: With the text of that service.
    """
    for role, service in passed_roles(action, request):
        passed = ACTIONS[action]
        if not iam.is_assumable(role, service):
            raise ApiError(passed.service.code, passed.service.refusal.format(role=role))
        for member, act in passed.tried:
            if any(_values(request, member)):
                acts.require(act, role, service.partition(".")[0])


def _values(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Returns the texts at a path of a document that nobody has checked yet."""
    if not path:
        if isinstance(value, str) and value:
            yield value
    elif path[0] == "*":
        for item in value if isinstance(value, list) else []:
            yield from _values(item, path[1:])
    elif isinstance(value, dict):
        yield from _values(value.get(path[0]), path[1:])
