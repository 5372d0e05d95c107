"""Puts our services into MiniStack: the one file that names the hooks of its release.

Import only once MiniStack's environment variables are set; it reads them at import.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime, router
from ministack.services import apigateway_v1, stepfunctions

from . import (
    autoscaling,
    changes,
    delivery_streams,
    embedded_metrics,
    event_targets,
    functions,
    keys,
    retention,
    user_pools,
)
from .alarms import hooks as alarms
from .conformance.checking import checking
from .conformance.models import SERVICES as MODELLED
from .guard import Guard
from .json_service import JsonObject
from .processes import bound_popen
from .roles import callers
from .sagemaker import endpoints, invocation_metrics, resources, service, store
from .sagemaker.store import ENDPOINT
from .snapshot import Snapshots
from .states import acting, error_names, history, jsonata_states, limits, parameters, sagemaker_tasks, task_tokens

Extract = Callable[..., str]


def _reset_sagemaker() -> None:
    endpoints.stop_all()
    store.reset()


# MiniStack's name of the service, what starts its X-Amz-Target, botocore's models of its REST paths, its module.
_SERVICES: tuple[tuple[str, str, list[str], Any], ...] = (
    (
        "sagemaker",
        "SageMaker.",
        ["sagemaker-runtime"],
        SimpleNamespace(
            handle_request=service.handle,
            get_state=store.get_state,
            load_persisted_state=store.load_persisted_state,
            reset=_reset_sagemaker,
        ),
    ),
    ("application-autoscaling", "AnyScaleFrontendService.", [], autoscaling),
)


def install(snapshots: Snapshots, guard: Guard) -> None:
    """Installs everything; once, before the server starts."""
    for name, target, rest_models, module in _SERVICES:
        router.SERVICE_PATTERNS[name] = {"target_prefixes": [target], "credential_scope": name}
        app.SERVICE_REGISTRY[name] = {"module": name}
        app.SERVICE_HANDLERS[name] = module.handle if hasattr(module, "handle") else module.handle_request
        app._loaded_modules[name] = module
        app._state_map[name] = name
        iam_actions.SERVICE_TO_IAM_NAMESPACE[name] = name
        iam_actions._BOTOCORE_SERVICE_MAP[name] = rest_models
    iam_actions.extract_resource_arn = _extracting(iam_actions.extract_resource_arn)
    iam_evaluator.combine_resource_policy = keys.honouring_grants(iam_evaluator.combine_resource_policy)
    for name, handler in app.SERVICE_HANDLERS.items():
        app.SERVICE_HANDLERS[name] = callers.asking(name, handler)
    # The loopback address stands for AWS's TLS endpoints: policies that refuse plain HTTP must not refuse it.
    pin = app.pin_request_origin
    app.pin_request_origin = lambda address, _secure: pin(address, True)

    create_key = apigateway_v1._create_api_key
    # Terraform's provider sends an empty value for "choose one", which AWS accepts.
    apigateway_v1._create_api_key = lambda data: create_key({k: v for k, v in data.items() if (k, v) != ("value", "")})

    # A function with a timer or a connection of its own would outlive an emulator that is killed.
    lambda_runtime.subprocess = SimpleNamespace(**{**vars(subprocess), "Popen": bound_popen})

    guard.install()
    user_pools.install()
    embedded_metrics.install()
    alarms.install()
    invocation_metrics.install()
    event_targets.install()
    functions.install()
    delivery_streams.install()
    retention.install()
    _install_states()
    stepfunctions._start_execution = snapshots.started.keeping(stepfunctions._start_execution)
    for name, handle in app.SERVICE_HANDLERS.items():
        if name in MODELLED:
            app.SERVICE_HANDLERS[name] = checking(name, handle)
    app.load_state, app.save_all = snapshots.load, snapshots.save


def _install_states() -> None:
    stepfunctions._SERVICE_DISPATCH[sagemaker_tasks.PREFIX] = sagemaker_tasks.invoke
    stepfunctions._AWS_SDK_SERVICE_MAP["sagemaker"] = sagemaker_tasks.AWS_SDK
    stepfunctions._AWS_SDK_ERROR_PREFIX["sagemaker"] = "SageMaker"
    stepfunctions._AWS_SDK_SERVICE_MAP["applicationautoscaling"] = {
        "target_prefix": "AnyScaleFrontendService",
        "protocol": "json",
        "service_key": "application-autoscaling",
    }
    stepfunctions._AWS_SDK_ERROR_PREFIX["applicationautoscaling"] = "ApplicationAutoScaling"
    for name, known in stepfunctions._AWS_SDK_SERVICE_MAP.items():
        service = known.get("service_key", name)
        if known["protocol"] == "json" and service in MODELLED:
            prefix = stepfunctions._AWS_SDK_ERROR_PREFIX[name]
            stepfunctions._AWS_SDK_ERROR_CODE_OVERRIDES[name] = error_names.ErrorNames(service, prefix)
    stepfunctions._dispatch_aws_sdk_json = sagemaker_tasks.sdk_dispatch(stepfunctions._dispatch_aws_sdk_json)
    stepfunctions._run_execution = acting.running_as_role(stepfunctions._run_execution)
    stepfunctions._invoke_resource = acting.checking_role(stepfunctions._invoke_resource)
    stepfunctions._run_distributed_map = jsonata_states.distributed_map(stepfunctions._run_distributed_map)
    stepfunctions._invoke_with_callback = task_tokens.remembering(stepfunctions._invoke_with_callback)
    stepfunctions._execute_task = jsonata_states.task(stepfunctions._execute_task)
    stepfunctions._run_parallel_branches = jsonata_states.parallel(stepfunctions._run_parallel_branches)

    stepfunctions._run_sub_machine = history.recording(stepfunctions._run_sub_machine)

    for kind in ("choice", "map", "parallel", "pass", "task", "wait"):
        name = f"_execute_{kind}"
        setattr(stepfunctions, name, limits.bounding_state(getattr(stepfunctions, name)))
    for name in ("_invoke_resource", "_invoke_with_callback"):
        checked = parameters.checking_parameters(getattr(stepfunctions, name))
        setattr(stepfunctions, name, limits.bounding_task(checked))
    stepfunctions._apply_state_assign = limits.bounding_variables(stepfunctions._apply_state_assign)
    stepfunctions._error_matches = limits.matching_errors(stepfunctions._error_matches)

    add_event = limits.bounding_history(stepfunctions._add_event)

    def add_event_and_mark(*arguments: Any) -> Any:
        changes.mark()
        return add_event(*arguments)

    stepfunctions._add_event = add_event_and_mark

    fail = stepfunctions._fail_execution

    def fail_unless_stopped(execution: JsonObject, error: str, cause: str) -> None:
        # A task that ends in an error after StopExecution must not turn ABORTED into FAILED.
        if execution["status"] == "RUNNING":
            fail(execution, error, cause)

    stepfunctions._fail_execution = fail_unless_stopped

    restore = stepfunctions.load_persisted_state

    def restore_and_fail_interrupted(state: JsonObject) -> None:
        for execution in state["executions"].all_values():
            if execution["status"] == "RUNNING":
                cause = "The emulator stopped while the execution ran. Start it again."
                stepfunctions._fail_execution(execution, "Emulator.Stopped", cause)
        restore(state)

    stepfunctions.load_persisted_state = restore_and_fail_interrupted


def _extracting(extract: Extract) -> Extract:
    """Wraps MiniStack's resource extraction, which knows nothing of SageMaker and of task tokens."""

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
        if service_name not in ("sagemaker", "application-autoscaling", "states"):
            return extract(service_name, method, path, headers, body, query, region, account)
        if path.startswith("/endpoints/"):
            return ENDPOINT.arn(path.split("/")[2])
        try:
            request = json.loads(body or b"{}")
        except json.JSONDecodeError:
            return "*"
        if service_name == "states":
            resumed = task_tokens.owner(request.get("taskToken", ""))
            return resumed or extract(service_name, method, path, headers, body, query, region, account)
        if service_name == "application-autoscaling":
            return autoscaling.authorized_arn(request)
        return resources.arns(headers.get("x-amz-target", "").rpartition(".")[2], request)[0]

    return extract_resource_arn
