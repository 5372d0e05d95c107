"""An event source mapping: its function, whether the function's role may read its source, and calls with a batch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ministack.core.responses import request_scope
from ministack.services import eventbridge, lambda_svc

from .. import function_calls, iam
from ..errors import ApiError
from ..json_service import JsonObject
from ..roles import acts, key_uses, table

# What a role may do changes within seconds on AWS, too.
_VERDICT_SECONDS = 1.0
_verdicts: dict[str, tuple[float, str | None]] = {}


@dataclass(frozen=True)
class Source:
    """A mapping, with the account and the region that it is in.

    Attributes:
        mapping: Lambda's record of it.
    """

    account: str
    region: str
    mapping: JsonObject

    @property
    def id(self) -> str:
        return str(self.mapping["UUID"])

    @property
    def arn(self) -> str:
        return str(self.mapping["EventSourceArn"])

    @property
    def service(self) -> str:
        return self.arn.split(":")[2]

    @property
    def is_there(self) -> bool:
        """Tells whether the mapping still is, and is enabled."""
        return lambda_svc._esms.contains_scoped(self.account, self.region, self.id) and bool(
            self.mapping.get("Enabled", True)
        )

    def function(self) -> JsonObject | None:
        """Returns Lambda's record of the function, of the version that the mapping names."""
        found, _ = lambda_svc._get_func_record_for_qualifier(
            self.mapping["FunctionName"], self.mapping.get("Qualifier")
        )
        return found  # type: ignore[no-any-return]

    def may_read(self, function: JsonObject) -> bool:
        """Tells whether the function's role may read the source; a refusal is the mapping's last result."""
        at, refusal = _verdicts.get(self.id, (0.0, None))
        if time.monotonic() - at > _VERDICT_SECONDS:
            refusal = _refusal(self.arn, function["config"])
            _verdicts[self.id] = (time.monotonic(), refusal)
        if refusal:
            self.mapping["LastProcessingResult"] = f"PROBLEM: {refusal}"
        return refusal is None

    def matches(self, record: Mapping[str, Any]) -> bool:
        """Tells whether a record, its body parsed, fits one of the mapping's filters, if there are any."""
        filters = (self.mapping.get("FilterCriteria") or {}).get("Filters")
        return not filters or any(_matches(record, one["Pattern"]) for one in filters)

    async def call(self, function: JsonObject, records: list[JsonObject]) -> JsonObject:
        """Calls the function with a batch; returns Lambda's record of the call."""
        with request_scope(self.account, self.region):
            outcome: JsonObject = await function_calls.anywhere(function, {"Records": records})
        if outcome.get("error") or outcome.get("throttle"):
            self.mapping["LastProcessingResult"] = "PROBLEM: Function call failed"
        else:
            self.mapping["LastProcessingResult"] = "OK"
        return outcome


def _matches(record: Mapping[str, Any], pattern: str) -> bool:
    alternatives = eventbridge._compiled_pattern(pattern) or ()
    return any(eventbridge._matches_detail(record, alternative) for alternative in alternatives)


def require(arn: str, config: Mapping[str, Any]) -> None:
    """Checks that a function's role may read a source, and use the key that encrypts it.

    Raises:
        ApiError: By which CreateEventSourceMapping is refused.
    """
    act = table.EVENT_SOURCES.get(arn.split(":")[2])
    if act is None:
        return
    role, session = config["Role"], config["FunctionName"]
    acts.require(act, role, session, source=arn, sources=f"{arn.rpartition('/')[0]}/*")
    request = {"QueueUrl": arn.replace(":", "/"), "StreamArn": arn}
    for needed, key, context in key_uses.needs(act.needs[0][0], request):
        try:
            iam.require(role, session, needed, key, context)
        except ApiError as error:
            raise acts.refusal(act, role, error.message, operation=needed.partition(":")[2], source=arn) from error


def _refusal(arn: str, config: Mapping[str, Any]) -> str | None:
    try:
        require(arn, config)
    except ApiError as error:
        acts.note(config["Role"], error.message)
        return error.message
    return None
