"""Chooses the deployment that answers for an endpoint: its only one, or an old or new one while traffic shifts."""

from __future__ import annotations

import random
from collections.abc import Mapping

from ..json_service import JsonObject
from .deployments import Deployment

# By the endpoint's ARN. All are changed and read on the event loop, so that a request never meets a deployment that is
# being stopped.
_serving: dict[str, Deployment] = {}
# The new deployment and its share of the traffic.
_shifting: dict[str, tuple[Deployment, float]] = {}


def serving() -> Mapping[str, Deployment]:
    """Returns the deployments that endpoints run by the ARN of their endpoint, without those that an update tries."""
    return _serving


def choose(endpoint: JsonObject) -> tuple[Deployment, list[JsonObject]] | None:
    """Chooses a deployment to answer one request, and the summaries of its variants, if any runs."""
    arn = endpoint["EndpointArn"]
    new, share = _shifting.get(arn, (None, 0.0))
    if new and random.random() < share:  # noqa: S311  # no secret
        return new, endpoint["PendingDeploymentSummary"]["ProductionVariants"]
    return (_serving[arn], endpoint["ProductionVariants"]) if arn in _serving else None


def shift(arn: str, new: Deployment, share: float) -> None:
    """Gives a new deployment a share of the traffic."""
    _shifting[arn] = new, share


def shift_back(arn: str) -> None:
    """Gives all traffic back to the deployment that served before."""
    _shifting.pop(arn, None)


def replace(arn: str, new: Deployment) -> Deployment | None:
    """Gives a deployment all traffic for good.

    Returns:
        The one that it replaces, if any.
    """
    old = _serving.get(arn)
    _serving[arn] = new
    _shifting.pop(arn, None)
    new.settle()
    return old


def remove(arn: str) -> list[Deployment]:
    """Takes everything away from an endpoint; returns what has to be stopped."""
    new, _ = _shifting.pop(arn, (None, 0.0))
    return [deployment for deployment in (_serving.pop(arn, None), new) if deployment]


def remove_all() -> list[Deployment]:
    """Takes everything away from all endpoints; returns what has to be stopped."""
    return [deployment for arn in {*_serving, *_shifting} for deployment in remove(arn)]
