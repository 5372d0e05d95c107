"""Calls of a Lambda function at once: a few run, some wait, and what waits in vain is throttled."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ministack.services import apigateway_v1, lambda_svc, stepfunctions

import emulator as e
from vwt_local.concurrency import Environments, bounding, naming_throttles, releasing
from vwt_local.functions import failing_when_throttled, telling_throttles

CONFIG = {"FunctionName": "filter", "FunctionArn": f"arn:aws:lambda:{e.REGION}:{e.ACCOUNT}:function:filter"}


def test_a_call_that_finds_no_environment_is_refused() -> None:
    environments = Environments(most=2, patience=0)
    assert [environments.take("filter") for _ in range(3)] == [True, True, False]
    assert environments.take("predict")
    environments.give_back("filter")
    assert [environments.take("filter") for _ in range(2)] == [True, False]


def test_a_call_waits_for_an_environment_and_a_full_queue_refuses_at_once() -> None:
    environments = Environments(most=1, patience=e._PATIENCE, queue=1)
    assert environments.take("filter")
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(environments.take, "filter")
        e.wait_until(lambda: environments._waiting["filter"])
        assert not environments.take("filter")
        assert not waiting.done()
        environments.give_back("filter")
        assert waiting.result(e._PATIENCE)
    environments.give_back("filter")
    assert environments.take("filter")


def test_functions_are_throttled_as_by_the_accounts_limit() -> None:
    environments = Environments(most=1, patience=0)
    acquire = bounding(lambda_svc._acquire_execution_slot, environments)
    release = releasing(lambda_svc._release_execution_slot, environments)
    slot, limit = acquire(CONFIG, CONFIG)
    assert (slot is not None, limit) == (True, None)
    assert acquire(CONFIG, CONFIG) == (None, "account")
    assert slot
    release(slot)
    # A limit of Lambda's own keeps no environment.
    reserved = {"config": CONFIG, "concurrency": 0}
    assert acquire(reserved, CONFIG) == (None, "function")
    slot, _ = acquire(CONFIG, CONFIG)
    assert slot
    release(slot)
    assert lambda_svc.executions_in_flight() == (0, {})


def test_a_throttled_function_is_a_failed_integration() -> None:
    throttled = lambda_svc._throttle_response("ConcurrentInvocationLimitExceeded", "Rate Exceeded")

    async def integrate() -> Any:
        return telling_throttles(apigateway_v1._lambda_proxy_response)(throttled)

    answer = asyncio.run(failing_when_throttled(integrate)())
    assert answer.response_type == "INTEGRATION_FAILURE"
    answered = telling_throttles(apigateway_v1._lambda_proxy_response)({"body": {"statusCode": 200, "body": "x"}})
    assert answered == ({"statusCode": 200, "body": "x"}, None)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (lambda_svc._throttle_response("x", "Rate Exceeded")["body"], "Lambda.TooManyRequestsException"),
        ({"errorType": "TypeError", "errorMessage": "TooManyRequestsException"}, "TypeError"),
        ({"message": "gone"}, "Lambda.Unknown"),
    ],
)
def test_a_state_machine_knows_a_throttled_function_by_its_name(body: Any, error: str) -> None:
    def call(_function: str, _event: object) -> object:
        raise stepfunctions._ExecutionError(body.get("errorType", "Lambda.Unknown"), json.dumps(body))

    with pytest.raises(stepfunctions._ExecutionError) as raised:
        naming_throttles(call)("arn", {})
    assert raised.value.error == error
