"""Lambda functions: API Gateway calls those whose policy lets it, and a function's role writes its log.

A function that is throttled is a failed integration for API Gateway, whose clients have no part in Lambda's limits: it
answers the gateway response INTEGRATION_FAILURE, and not Lambda's 429 (re:Post QUfI6bsdd0SOiPeyimzxSkfQ and
stackoverflow.com/questions/36363280, of which the one reports the default of 500 and the other the type).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1

from .errors import ApiError
from .json_service import JsonObject
from .roles import acts, reach, table

# API Gateway's words, by which it answers API_CONFIGURATION_ERROR.
_NO_PERMISSION = "Invalid permissions on Lambda function"

Call = Callable[..., Awaitable[tuple[Any, str | None]]]
Integrate = Callable[..., Awaitable[Any]]


class _ThrottledError(Exception):
    """A function that API Gateway called was throttled."""


def failing_when_throttled(integrate: Integrate) -> Integrate:
    """Wraps API Gateway's `_invoke_lambda_proxy_v1`."""

    async def invoke_lambda_proxy(*arguments: Any, **named: Any) -> Any:
        try:
            return await integrate(*arguments, **named)
        except _ThrottledError:
            return apigateway_v1._gw_error("INTEGRATION_FAILURE", "Internal server error")

    return invoke_lambda_proxy


def telling_throttles(respond: Callable[[JsonObject], Any]) -> Callable[[JsonObject], Any]:
    """Wraps API Gateway's `_lambda_proxy_response`, which passes Lambda's 429 on."""

    def lambda_proxy_response(result: JsonObject) -> Any:
        if result.get("throttle"):
            raise _ThrottledError
        return respond(result)

    return lambda_proxy_response


def asking_function(call: Call) -> Call:
    """Wraps API Gateway's `_call_lambda_raw`, which asks no function for its policy."""

    async def call_lambda_raw(function: str, event: JsonObject, **scope: str | None) -> tuple[Any, str | None]:
        if function.startswith("arn:") and "requestContext" in event:
            try:
                reach.require("apigateway.amazonaws.com", "lambda:InvokeFunction", function, _route(event, scope))
            except ApiError as error:
                acts.note(function, error.message)
                return None, _NO_PERMISSION
        return await call(function, event, **scope)

    return call_lambda_raw


def _route(event: JsonObject, scope: dict[str, str | None]) -> str:
    """Returns the ARN of the method that a function is called for."""
    context = event["requestContext"]
    here = f"{scope.get('region') or get_region()}:{scope.get('account_id') or get_account_id()}"
    path = f"{context['stage']}/{context['httpMethod']}{context['resourcePath']}"
    return f"arn:aws:execute-api:{here}:{context['apiId']}/{path}"


def asking_role(emit: Callable[..., None]) -> Callable[..., None]:
    """Wraps Lambda's `_emit_lambda_logs`: without its role's permission a function has no log, and nobody is told."""

    def emit_lambda_logs(function: JsonObject, request: str, text: str, *others: Any, **named: Any) -> None:
        config = function.get("config") or function
        group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
        if acts.may(table.FUNCTION_LOG, config["Role"], config["FunctionName"], group=group, stream=request):
            emit(function, request, text, *others, **named)

    return emit_lambda_logs
