"""Every place where the emulator reaches into MiniStack and its server Hypercorn, and why.

MiniStack has no interface for this, and no other file changes anything of it. What stands here are internals of the
release that `__init__.py` names; README.md says how to move to the next. Import only once MiniStack's environment
variables are set, which it reads at import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, MutableMapping
from functools import partial
from types import SimpleNamespace
from typing import Any, NamedTuple

from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.protocol.h11 import H11Protocol
from ministack import app
from ministack.core import concurrency as ministack_concurrency
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, router
from ministack.services import (
    apigateway_v1,
    cloudwatch,
    cloudwatch_logs,
    cognito,
    dynamodb,
    ecr,
    eventbridge,
    firehose,
    lambda_svc,
    s3,
    secretsmanager,
    sqs,
)
from ministack.services import stepfunctions as sf

from . import (
    autoscaling,
    changes,
    concurrency,
    connections,
    delivery_streams,
    embedded_metrics,
    event_buses,
    event_schemas,
    event_targets,
    function_calls,
    function_logs,
    functions,
    gateways,
    iam,
    keys,
    message_moves,
    one_write,
    resource_arns,
    retention,
    secrets_manager,
    user_pools,
)
from .alarms import evaluation, events, query_protocol
from .conformance.checking import checking
from .conformance.models import SERVICES as MODELLED
from .event_sources import checks, poller
from .guard import Guard
from .kept import locks as kept_locks
from .kept import queues as kept_queues
from .kept import tables as kept_tables
from .processes import bound_popen
from .roles import callers
from .sagemaker import endpoints, invocation_metrics, service, store
from .snapshot import Snapshots
from .states import acting, ends, error_names, history, jsonata_states, limits, parameters, sagemaker_tasks, task_tokens


class Hook(NamedTuple):
    """A change of one place.

    Attributes:
        owner: A module, a class, or a mapping.
        name: An attribute, or a key of the mapping.
        wrap: Takes what is there, None for a new key; returns what takes its place. Of several hooks of one place, each
            takes what the one before it has left.
        why: The difference from AWS that makes the hook necessary.
    """

    owner: Any
    name: str
    wrap: Callable[[Any], Any]
    why: str


def install(snapshots: Snapshots, guard: Guard) -> None:
    """Puts all of the table in its places; once, before the server starts.

    Raises:
        AttributeError: MiniStack has no such attribute.
    """
    put(table(snapshots, guard))


def put(hooks: Iterable[Hook]) -> None:
    """Puts hooks in their places."""
    for owner, name, wrap, _ in hooks:
        if isinstance(owner, MutableMapping):
            owner[name] = wrap(owner.get(name))
        else:
            setattr(owner, name, wrap(getattr(owner, name)))


def table(snapshots: Snapshots, guard: Guard) -> tuple[Hook, ...]:
    """Builds the table of all hooks."""
    return (
        *(hook for name, added in _SERVICES.items() for hook in _service(name, added)),
        *_requests(guard),
        *_FUNCTIONS,
        *_EVENT_SOURCES,
        *_QUEUES,
        *_SECRETS,
        *_USER_POOLS,
        *_MONITORING,
        *_EVENTS,
        *_STEP_FUNCTIONS,
        *_state(snapshots),
        *_checks(),
        *_SERVER,
    )


def _instead(content: Any) -> Callable[[Any], Any]:
    return lambda _: content


class _Service(NamedTuple):
    """A service that MiniStack lacks."""

    target: str | None  # what its X-Amz-Target starts with; None of one with paths
    rest_models: list[str]  # botocore's models of its REST paths
    module: Any


def _reset_sagemaker() -> None:
    endpoints.stop_all()
    store.reset()


_SERVICES = {
    "sagemaker": _Service(
        "SageMaker.",
        ["sagemaker-runtime"],
        SimpleNamespace(
            handle=service.handle,
            get_state=store.get_state,
            load_persisted_state=store.load_persisted_state,
            reset=_reset_sagemaker,
        ),
    ),
    "application-autoscaling": _Service("AnyScaleFrontendService.", [], autoscaling),
    "schemas": _Service(None, ["schemas"], event_schemas),
}


def _service(name: str, added: _Service) -> Iterator[Hook]:
    pattern = {"target_prefixes": [added.target] if added.target else [], "credential_scope": name}
    for owner, content, why in (
        (router.SERVICE_PATTERNS, pattern, "how requests for it are told from others"),
        (app.SERVICE_REGISTRY, {"module": name}, "that there is the service"),
        (app.SERVICE_HANDLERS, added.module.handle, "who answers it"),
        (app._loaded_modules, added.module, "whose state is saved"),
        (app._state_map, name, "by which name its state is saved"),
        (iam_actions.SERVICE_TO_IAM_NAMESPACE, name, "how its IAM actions begin"),
        (iam_actions._BOTOCORE_SERVICE_MAP, added.rest_models, "which IAM actions its REST paths are"),
    ):
        yield Hook(owner, name, _instead(content), f"MiniStack lacks the service: {why}")


def _requests(guard: Guard) -> Iterator[Hook]:
    yield from (
        Hook(app, "pin_request_origin", gateways.over_tls, "policies refuse plain HTTP"),
        Hook(iam_evaluator, "_is_root_key", _instead(lambda _key: False), "the root user needs no signature"),
        Hook(ecr, "_get_authorization_token", guard.handing_out_login, "the login is not this run's token"),
        Hook(iam_actions, "extract_iam_action", iam.granting_batches, "SQS asks for no permission for batches"),
        Hook(
            iam_actions, "dynamodb_service_context", iam.telling_attributes, "what batches read is not told to policies"
        ),
        Hook(iam_actions, "extract_resource_arn", resource_arns.extracting, "SageMaker and task tokens are unknown"),
        Hook(iam_evaluator, "parse_policy_document", iam.parsing_once, "each request parses all policies anew"),
        Hook(iam_evaluator, "combine_resource_policy", keys.honouring_grants, "grants of KMS keys are not looked at"),
        Hook(apigateway_v1, "_create_api_key", gateways.without_empty_value, "AWS takes an empty value for none"),
    )
    for name in (*app.SERVICE_HANDLERS, *_SERVICES):
        why = "neither passed roles nor keys are asked for"
        yield Hook(app.SERVICE_HANDLERS, name, partial(callers.asking, name), why)


_FUNCTIONS = (
    Hook(
        lambda_runtime,
        "subprocess",
        lambda module: SimpleNamespace(**{**vars(module), "Popen": bound_popen}),
        "functions outlive an emulator that is killed",
    ),
    Hook(lambda_runtime, "_NODEJS_WORKER_SCRIPT", function_logs.marking, "a log has no mark of its end"),
    Hook(lambda_runtime.Worker, "_read_stderr", function_calls.log_on_loop, "the loop waits for threads"),
    Hook(lambda_svc, "_execute_function", function_calls.through_loop, "the loop waits for threads"),
    *(
        Hook(service, "run_reentrant", function_calls.without_thread, "the loop waits for threads")
        for service in (apigateway_v1, lambda_svc)
    ),
    Hook(lambda_svc, "_emit_lambda_logs", functions.asking_role, "the function's role is not asked"),
    Hook(
        apigateway_v1,
        "_invoke_lambda_proxy_v1",
        functions.failing_when_throttled,
        "a throttled call is answered as Lambda's",
    ),
    Hook(
        apigateway_v1, "_lambda_proxy_response", functions.telling_throttles, "a throttled call is answered as Lambda's"
    ),
    Hook(apigateway_v1, "_call_lambda_raw", functions.asking_function, "a function's policy is not asked"),
    Hook(apigateway_v1, "_build_lambda_event_v1", gateways.naming_key, "a function does not learn whose key was sent"),
)
_EVENT_SOURCES = (
    Hook(ministack_concurrency.esm_wake, "set", poller.waking, "a thread looks at every source each second"),
    Hook(lambda_svc, "_ensure_poller", poller.on_loop, "a thread looks at every source each second"),
    Hook(lambda_svc, "_create_esm", checks.creating, "the function's role is not asked, streams have no defaults"),
    Hook(lambda_svc, "_update_esm", checks.updating, "the function's role is not asked"),
)
_QUEUES = tuple(
    Hook(sqs._HANDLERS, name, _instead(handler), "dead letters cannot be moved back")
    for name, handler in {
        "CancelMessageMoveTask": message_moves.cancel,
        "ListDeadLetterSourceQueues": message_moves.sources,
        "ListMessageMoveTasks": message_moves.listing,
        "StartMessageMoveTask": message_moves.start,
    }.items()
)
_SECRETS = (Hook(secretsmanager, "_create_secret", secrets_manager.without_value, "a secret always has a version"),)
_USER_POOLS = (
    Hook(cognito, "_signature_valid", user_pools.rs256_only, "a token may name any algorithm"),
    Hook(apigateway_v1, "_verify_rs256_signature", user_pools.rs256_only, "a token may name any algorithm"),
    Hook(
        apigateway_v1,
        "_validate_cognito_authorizer",
        user_pools.identity_only,
        "access tokens, and tokens without end, are taken",
    ),
    Hook(apigateway_v1, "_stringify_claims", user_pools.as_text, "lists and times are not written as a REST API does"),
    Hook(cognito, "_sign_up", user_pools.asking_pool, "a pool whose users only administrators make takes anybody"),
    Hook(cognito, "_update_user_attributes", user_pools.asking_client, "what a client may write is not looked at"),
    Hook(cognito, "_admin_update_user_attributes", user_pools.asking_schema, "attributes that stay can be changed"),
    Hook(cognito, "_dispatch_idp", user_pools.updating_groups, "there is no UpdateGroup"),
)
_MONITORING = (
    Hook(cloudwatch_logs, "_append_log_events", embedded_metrics.storing, "metrics in log lines are not read"),
    Hook(cloudwatch, "_evict_old_metrics", invocation_metrics.sparing, "it makes plain lists of the points"),
    Hook(
        cloudwatch, "_evaluate_alarm", _instead(evaluation.evaluate), "dimensions, M of N and missing data are ignored"
    ),
    Hook(cloudwatch, "_dispatch_alarm_actions", events.reaching, "policies of topics and keys are not asked"),
    Hook(cloudwatch, "_dispatch_alarm_actions", events.telling, "no event tells of an alarm's change"),
    Hook(cloudwatch, "_set_alarm_state", evaluation.holding, "a state that was set is gone at once"),
    Hook(cloudwatch, "_put_metric_alarm", query_protocol.one_statistic, "an alarm on a percentile gets a statistic"),
    Hook(
        cloudwatch,
        "_put_metric_alarm",
        partial(query_protocol.through_json, "PutMetricAlarm"),
        "half of an alarm is left out",
    ),
    Hook(cloudwatch, "_describe_alarms_for_metric", evaluation.evaluating_first, "states are shown that are over"),
    Hook(
        cloudwatch,
        "_describe_alarms",
        partial(query_protocol.through_json, "DescribeAlarms"),
        "half of an alarm is left out",
    ),
    Hook(cloudwatch, "_describe_alarms", evaluation.evaluating_first, "states are shown that are over"),
)
_EVENTS = (
    Hook(eventbridge, "_invoke_target", event_targets.asking, "role and dead-letter queue are ignored"),
    Hook(eventbridge, "_put_events", event_buses.checking_entries, "any entry is taken"),
    Hook(eventbridge, "_dispatch_event", event_buses.decrypting, "the key of a bus is not asked"),
    Hook(eventbridge, "_archive_event", event_buses.archiving, "archives are in memory and in every snapshot"),
    Hook(eventbridge, "_start_replay", event_buses.replaying, "archives are in memory and in every snapshot"),
    Hook(eventbridge, "_delete_archive", event_buses.forgetting, "archives are in memory and in every snapshot"),
    Hook(eventbridge, "_put_permission", event_buses.putting_policy, "a bus takes no whole policy"),
    Hook(iam_evaluator, "_resource_policy", event_buses.with_policies, "the policy of a bus is not asked"),
    Hook(firehose, "run_reentrant", delivery_streams.on_loop, "each record has a thread and an event loop of its own"),
    Hook(firehose, "_dest_description", delivery_streams.describing, "Terraform plans what is not shown anew"),
    Hook(firehose, "_deliver_to_s3", delivery_streams.packing, "GZIP is not done"),
    Hook(firehose, "_put_s3_object", delivery_streams.putting, "the destination's role is not asked"),
    Hook(firehose, "_deliver_records_to_s3", delivery_streams.forgetting, "delivered records stay in memory"),
)

_AUTOSCALING = {
    "target_prefix": "AnyScaleFrontendService",
    "protocol": "json",
    "service_key": "application-autoscaling",
}
_SDK_SERVICES = {
    **sf._AWS_SDK_SERVICE_MAP,
    "sagemaker": sagemaker_tasks.AWS_SDK,
    "applicationautoscaling": _AUTOSCALING,
}
_SDK_PREFIXES = {
    **sf._AWS_SDK_ERROR_PREFIX,
    "sagemaker": "SageMaker",
    "applicationautoscaling": "ApplicationAutoScaling",
}
_STEP_FUNCTIONS = (
    Hook(sf._SERVICE_DISPATCH, sagemaker_tasks.PREFIX, _instead(sagemaker_tasks.invoke), "no SageMaker integration"),
    *(
        Hook(owner, name, _instead(content[name]), "the aws-sdk integration lacks the service")
        for name in ("sagemaker", "applicationautoscaling")
        for owner, content in ((sf._AWS_SDK_SERVICE_MAP, _SDK_SERVICES), (sf._AWS_SDK_ERROR_PREFIX, _SDK_PREFIXES))
    ),
    *(
        Hook(
            sf._AWS_SDK_ERROR_CODE_OVERRIDES,
            name,
            _instead(error_names.ErrorNames(known.get("service_key", name), _SDK_PREFIXES[name])),
            "errors have other names than AWS's",
        )
        for name, known in _SDK_SERVICES.items()
        if known["protocol"] == "json" and known.get("service_key", name) in MODELLED
    ),
    Hook(sf, "_dispatch_aws_sdk_json", sagemaker_tasks.sdk_dispatch, "instants are the protocol's"),
    Hook(sf, "_run_execution", acting.running_as_role, "nobody knows in whose name a task acts"),
    Hook(sf, "_invoke_resource", acting.checking_role, "the machine's role is not asked"),
    Hook(sf, "_run_distributed_map", jsonata_states.distributed_map, "a JSONata state is evaluated as JSONPath"),
    Hook(sf, "_invoke_with_callback", task_tokens.remembering, "the role is not asked, tokens have no owner"),
    Hook(sf, "_execute_task", jsonata_states.task, "times of a task may not be JSONata"),
    Hook(sf, "_run_parallel_branches", jsonata_states.parallel, "a JSONata state is evaluated as JSONPath"),
    Hook(sf, "_run_sub_machine", history.recording, "states of iterations and branches are not in the history"),
    *(
        Hook(sf, f"_execute_{kind}", limits.bounding_state, "inputs and outputs may be of any size")
        for kind in ("choice", "map", "parallel", "pass", "task", "wait")
    ),
    *(
        Hook(sf, name, wrap, why)
        for name in ("_invoke_resource", "_invoke_with_callback")
        for wrap, why in (
            (parameters.checking_parameters, "fields that an integration does not know are passed on"),
            (limits.bounding_task, "arguments and results may be of any size"),
        )
    ),
    Hook(sf, "_call_lambda", concurrency.naming_throttles, "a throttled call is an unknown error"),
    Hook(sf, "_apply_state_assign", limits.bounding_variables, "variables may be of any size"),
    Hook(sf, "_error_matches", limits.matching_errors, "wildcards catch what they do not catch on AWS"),
    Hook(sf, "_add_event", limits.bounding_history, "a history may have any number of events"),
    Hook(sf, "_add_event", changes.marking, "what an execution does is not saved"),
    Hook(sf, "_fail_execution", ends.failing_unless_stopped, "a task that ends late makes FAILED of ABORTED"),
    Hook(sf, "_get_execution_history", retention.unpacking, "the emulator keeps packed what has ended"),
    Hook(sf, "load_persisted_state", ends.failing_interrupted, "what was interrupted seems to run"),
)


_KEPT = (
    Hook(sqs, "_collect_msgs", kept_queues.receiving, "what no snapshot holds yet is lost"),
    Hook(sqs, "_dlq_sweep", kept_queues.sweeping, "what no snapshot holds yet is lost"),
    *(
        Hook(sqs._HANDLERS, name, kept_queues.deleting, "what no snapshot holds yet is lost")
        for name in ("DeleteMessage", "DeleteMessageBatch", "PurgeQueue", "StartMessageMoveTask")
    ),
    *(
        Hook(sqs._HANDLERS, name, kept_queues.hiding, "what no snapshot holds yet is lost")
        for name in ("ChangeMessageVisibility", "ChangeMessageVisibilityBatch")
    ),
    Hook(dynamodb, "_set_item", kept_tables.setting, "what no snapshot holds yet is lost"),
    Hook(dynamodb, "_remove_item", kept_tables.removing, "what no snapshot holds yet is lost"),
    Hook(dynamodb, "_emit_stream_event", kept_tables.streaming, "what no snapshot holds yet is lost"),
    *(
        Hook(dynamodb, name, kept_tables.writing, "what no snapshot holds yet is lost")
        for name in ("_put_item", "_update_item", "_delete_item", "_batch_write_item", "_transact_write_items")
    ),
    Hook(s3, "_apply_object_lock_from_headers", kept_locks.locking, "what no snapshot holds yet is lost"),
    *(
        Hook(s3._PERSISTED_BUCKET_DICTS, name, _instead(store), "locks of objects are no part of the state")
        for name, store in kept_locks.STORES.items()
    ),
    Hook(dynamodb, "get_state", kept_tables.with_streams, "streams are no part of the state"),
    Hook(dynamodb, "load_persisted_state", kept_tables.loading, "streams are no part of the state"),
)


def _state(snapshots: Snapshots) -> Iterator[Hook]:
    yield Hook(sf, "_start_execution", snapshots.started.keeping, "what no snapshot holds yet is lost")
    yield Hook(app, "_load_persisted_state", snapshots.restoring, "what no snapshot holds yet is lost")
    yield from _KEPT
    yield Hook(app, "load_state", _instead(snapshots.load), "services are not saved together")
    yield Hook(app, "save_all", _instead(snapshots.save), "services are not saved together")


def _checks() -> Iterator[Hook]:
    """Yields the checks of requests: outermost, so that they see what was sent."""
    for name in (*app.SERVICE_HANDLERS, *_SERVICES):
        if name in MODELLED:
            yield Hook(app.SERVICE_HANDLERS, name, partial(checking, name), "requests are not held to AWS's models")


_SERVER = (
    Hook(H11Protocol, "_send_h11_event", _instead(one_write.send_h11_event), "a head that comes alone is too early"),
    Hook(TCPServer, "_read_data", connections.forgetting, "a connection that is closed stays in memory"),
)
