"""Bounds how many calls of a Lambda function run at once.

AWS gives each call that runs an environment of its own, up to a thousand; here each is a Node.js process of 100 MB on
a machine with a few cores. Fifty clients that came at once to functions that were not warm made 109 processes of 5 GB,
and none of the clients had an answer within 40 s. So a call waits for one of a few environments, and one that waits in
vain is throttled, as on AWS: TooManyRequestsException, with the reason that the account's limit is reached.
"""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict, deque
from collections.abc import Callable

from ministack.services import lambda_svc, stepfunctions

from .json_service import JsonObject

# Most of a call is waiting for other functions and for endpoints, so more than the cores are worth having.
ENVIRONMENTS = max(4, 2 * (os.cpu_count() or 1))
# Longer than it takes to start the environments on a busy machine, and below the 29 s that API Gateway waits.
_PATIENCE_SECONDS = 15.0
# More would only wait in vain.
_QUEUE = 64


class Environments:
    """The environments of each function: how many are taken, and which calls wait for one, in the order they came.

    Used on the event loop only.
    """

    def __init__(self, most: int = ENVIRONMENTS, patience: float = _PATIENCE_SECONDS, queue: int = _QUEUE) -> None:
        self._most = most
        self._patience = patience
        self._queue = queue
        self._taken: defaultdict[str, int] = defaultdict(int)
        self._waiting: defaultdict[str, deque[asyncio.Future[None]]] = defaultdict(deque)

    async def take(self, function: str) -> bool:
        """Takes an environment, waiting for it if need be, but never so long that functions could wait for each other.

        Returns:
            Whether there was one.
        """
        waiting = self._waiting[function]
        if self._taken[function] < self._most:
            self._taken[function] += 1
            return True
        if len(waiting) >= self._queue:
            return False
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        # Not `wait_for`, which may forget a turn that comes as the time is over.
        await asyncio.wait([turn], timeout=self._patience)
        if not turn.done():
            waiting.remove(turn)
        return turn.done()

    def give_back(self, function: str) -> None:
        """Hands an environment that was taken over to the call that has waited longest."""
        if self._waiting[function]:
            self._waiting[function].popleft().set_result(None)
        else:
            self._taken[function] -= 1

    async def acquire(self, function: JsonObject, config: JsonObject) -> tuple[str | None, str | None]:
        """Takes an environment, within Lambda's own limits: reserved concurrency, and the account's.

        Returns:
            What to release; otherwise None, and whose limit is reached: that of the `function` or the `account`.
        """
        key = lambda_svc._inflight_key(config)
        if not await self.take(key):
            return None, "account"
        slot, limit = lambda_svc._acquire_execution_slot(function, config)
        if slot is None:
            self.give_back(key)
        return slot, limit

    def release(self, slot: str) -> None:
        """Gives back what `acquire` has returned."""
        lambda_svc._release_execution_slot(slot)
        self.give_back(slot)


def naming_throttles(call: Callable[[str, object], object]) -> Callable[[str, object], object]:
    """Wraps Step Functions' `_call_lambda`, for which a throttled call is an unknown error, that nobody repeats."""

    def call_lambda(function: str, event: object) -> object:
        try:
            return call(function, event)
        except stepfunctions._ExecutionError as error:
            if error.error == "Lambda.Unknown" and '"TooManyRequestsException"' in error.cause:
                raise stepfunctions._ExecutionError("Lambda.TooManyRequestsException", error.cause) from error
            raise

    return call_lambda
