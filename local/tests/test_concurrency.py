"""Calls of a Lambda function at once: a few run, some wait, and what waits in vain is throttled."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from ministack.services import apigateway_v1, lambda_svc, stepfunctions

import emulator as e
from vwt_local.concurrency import Environments, naming_throttles
from vwt_local.functions import failing_when_throttled, telling_throttles

CONFIG = {"FunctionName": "filter", "FunctionArn": f"arn:aws:lambda:{e.REGION}:{e.ACCOUNT}:function:filter"}


def test_a_call_that_finds_no_environment_is_refused() -> None:
    async def calls() -> None:
        environments = Environments(most=2, patience=0)
        assert [await environments.take("filter") for _ in range(3)] == [True, True, False]
        assert await environments.take("predict")
        environments.give_back("filter")
        assert [await environments.take("filter") for _ in range(2)] == [True, False]

    asyncio.run(calls())


def test_a_call_waits_for_an_environment_and_a_full_queue_refuses_at_once() -> None:
    async def calls() -> None:
        environments = Environments(most=1, patience=e._PATIENCE, queue=1)
        assert await environments.take("filter")
        waiting = asyncio.create_task(environments.take("filter"))
        await asyncio.sleep(0)
        assert not await environments.take("filter")
        assert not waiting.done()
        environments.give_back("filter")
        assert await waiting
        environments.give_back("filter")
        assert await environments.take("filter")

    asyncio.run(calls())


def test_functions_are_throttled_as_by_the_accounts_limit() -> None:
    async def calls() -> None:
        environments = Environments(most=1, patience=0)
        slot, limit = await environments.acquire(CONFIG, CONFIG)
        assert (slot is not None, limit) == (True, None)
        assert await environments.acquire(CONFIG, CONFIG) == (None, "account")
        assert slot
        environments.release(slot)
        # A limit of Lambda's own keeps no environment.
        reserved = {"config": CONFIG, "concurrency": 0}
        assert await environments.acquire(reserved, CONFIG) == (None, "function")
        slot, _ = await environments.acquire(CONFIG, CONFIG)
        assert slot
        environments.release(slot)
        assert lambda_svc.executions_in_flight() == (0, {})

    asyncio.run(calls())


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
