"""Deployment guardrails: the steps by which an update shifts traffic, and the alarms that roll it back.

Source: "Deployment guardrails for updating models in production" in the SageMaker developer guide.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from ministack.services import cloudwatch

from ..errors import validation_error
from ..json_service import JsonObject
from ..roles import acts, table

_LOOK_SECONDS = 0.1
# Where the size of a step stands, and its limits in percent of a variant's instances.
_SIZES = {"CANARY": ("CanarySize", 0, 50), "LINEAR": ("LinearStepSize", 10, 50)}


@dataclass(frozen=True)
class Guardrails:
    """Guards one update.

    Attributes:
        steps: One for each shift and the wait at the end: the share of the traffic that the new deployment then has,
            and for how many seconds.
        alarms: Names.
    """

    steps: tuple[tuple[float, float], ...] = ()
    alarms: tuple[str, ...] = ()

    def tripped(self) -> str | None:
        """Returns what rolls the update back now, if anything: the endpoint's FailureReason."""
        found = [name for name in self.alarms if (alarm := _alarm(name)) and alarm["StateValue"] == "ALARM"]
        if not found:
            return None
        return f"The deployment was rolled back because these CloudWatch alarms are in ALARM state: {', '.join(found)}."

    def bake(self, seconds: float, is_over: Callable[[], bool]) -> str | None:
        """Looks at the alarms for some time, at least once. Blocks.

        Args:
            seconds: The bake time.
            is_over: Whether the endpoint is gone, so that there is nothing left to guard.

        Returns:
            The reason to roll back, if there is one.
        """
        deadline = time.monotonic() + seconds
        while (reason := self.tripped()) is None and not is_over() and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_SECONDS))
        return reason


def parse(
    config: JsonObject | None, variants: list[JsonObject], before: list[JsonObject], roles: set[str]
) -> Guardrails:
    """Reads and checks a DeploymentConfig.

    Args:
        config: The request's DeploymentConfig, if it has one.
        variants: The summaries of the new configuration's variants.
        before: Those of the present ones.
        roles: ARNs of the models' execution roles, with which SageMaker reads the alarms.

    Raises:
        ApiError: ValidationException: what AWS refuses, and rolling deployments, which are not emulated.
    """
    if not config:
        return Guardrails()
    if "RollingUpdatePolicy" in config:
        raise validation_error("The local emulator has no rolling deployments; use a BlueGreenUpdatePolicy.")
    counts = [variant["DesiredInstanceCount"] for variant in variants if "DesiredInstanceCount" in variant]
    if len(counts) < len(variants):
        raise validation_error("Deployment guardrails are not supported for serverless endpoints.")
    if {variant["VariantName"] for variant in variants} != {variant["VariantName"] for variant in before}:
        raise validation_error(
            "A deployment with guardrails needs an endpoint configuration with the variant names of the present one."
        )
    policy = config.get("BlueGreenUpdatePolicy") or {}
    routing = policy.get("TrafficRoutingConfiguration") or {"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 0}
    wait, end = routing["WaitIntervalInSeconds"], policy.get("TerminationWaitInSeconds", 0)
    steps = [(share, wait) for share in _shares(routing, counts)]
    total = wait * len(steps) + end
    if policy.get("MaximumExecutionTimeoutInSeconds", total + 1) <= total:
        raise validation_error(
            f"MaximumExecutionTimeoutInSeconds must be larger than the total waiting time of {total} seconds."
        )
    alarms = tuple(alarm["AlarmName"] for alarm in (config.get("AutoRollbackConfiguration") or {}).get("Alarms", []))
    _check_alarms(alarms, roles)
    return Guardrails((*steps, (1.0, end)), alarms)


def _shares(routing: JsonObject, counts: list[int]) -> list[float]:
    """Returns the new deployment's share of the traffic after each shift."""
    if routing["Type"] not in _SIZES:
        return [1.0]
    member, low, high = _SIZES[routing["Type"]]
    if member not in routing:
        raise validation_error(f"{member} is required for the traffic routing type {routing['Type']}.")
    size = routing[member]
    of = counts if size["Type"] == "INSTANCE_COUNT" else [100]
    if not all(low * count <= size["Value"] * 100 <= high * count for count in of):
        least = f"at least {low}% and " if low else ""
        raise validation_error(
            f"Invalid {member}: it must be {least}less than or equal to {high}% of the variant's total instance count."
        )
    share = min(size["Value"] / count for count in of)
    if routing["Type"] == "CANARY":
        return [share, 1.0]
    return [min(share * (step + 1), 1.0) for step in range(math.ceil(1 / share))]


def _alarm(name: str) -> JsonObject | None:
    alarm: JsonObject | None = cloudwatch._alarms.get(name) or cloudwatch._composite_alarms.get(name)
    return alarm


def _check_alarms(names: tuple[str, ...], roles: set[str]) -> None:
    if missing := [name for name in names if _alarm(name) is None]:
        raise validation_error(
            f"Could not find the CloudWatch alarms {', '.join(missing)} of AutoRollbackConfiguration."
        )
    for name in names:
        alarm = _alarm(name) or {}
        for role in roles:
            acts.require(table.ROLLBACK_ALARMS, role, alarm=alarm["AlarmArn"], name=name)
