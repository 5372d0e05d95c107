"""Endpoints: create, update beside the running deployment, shift the traffic, roll back, delete."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import partial

from ministack.core.responses import request_scope

from .. import changes, threads
from ..errors import validation_error
from ..json_service import JsonObject
from . import capacity, fleets, guardrails
from .deployments import Deployment, DeploymentError, specification
from .store import ENDPOINT, ENDPOINT_CONFIG

_log = logging.getLogger(__name__)


def deployments() -> Mapping[str, Deployment]:
    """Returns the deployments that endpoints run by the ARN of their endpoint, without those that an update tries."""
    return fleets.serving()


def create(request: JsonObject) -> JsonObject:
    """Serves CreateEndpoint: `Creating`, then `InService` or `Failed`."""
    ENDPOINT.check_new(request["EndpointName"])
    config = ENDPOINT_CONFIG.get(request["EndpointConfigName"])
    record = ENDPOINT.add(
        {
            "EndpointName": request["EndpointName"],
            "EndpointConfigName": config["EndpointConfigName"],
            "Tags": request.get("Tags", []),
            "_Specification": specification(config),
            "ProductionVariants": _variants(config),
            # Kept for updates that retain it: an endpoint has no traffic to shift yet.
            **({"LastDeploymentConfig": request["DeploymentConfig"]} if "DeploymentConfig" in request else {}),
        }
    )
    _transition(record, "Creating")
    if all(_has_instances(variant) for variant in config["ProductionVariants"]):
        threads.start(_bring_up, record)
    else:
        _transition(record, "Failed", FailureReason=capacity.UNAVAILABLE)
    return {"EndpointArn": record["EndpointArn"]}


def _has_instances(variant: JsonObject) -> bool:
    if "InstanceType" not in variant:
        return True
    cluster = {"InstanceType": variant["InstanceType"], "InstanceCount": variant.get("InitialInstanceCount", 1)}
    return capacity.is_available(cluster, "endpoint/")


def _bring_up(record: JsonObject) -> None:
    try:
        new = Deployment.start(record["EndpointName"], record["_Specification"])
    except DeploymentError as error:
        _transition(record, "Failed", FailureReason=str(error))
        return
    threads.on_loop(lambda: _switch(record, new, "InService"))


def update(request: JsonObject) -> JsonObject:
    """Serves UpdateEndpoint: the new deployment starts beside the old one, and gets its traffic in steps.

    When the new one does not come up, the endpoint is `InService` again with the OLD configuration's name, and
    nothing else tells: that is how AWS rolls back. When an alarm rolls it back, the FailureReason names the alarm.
    """
    record = ENDPOINT.get(request["EndpointName"])
    config = ENDPOINT_CONFIG.get(request["EndpointConfigName"])
    variants = _variants(config)
    if request.get("RetainAllVariantProperties"):
        _retain(variants, record["ProductionVariants"], request.get("ExcludeRetainedVariantProperties", []))
    target = specification(config)
    retained = record.get("LastDeploymentConfig") if request.get("RetainDeploymentConfig") else None
    guard = request.get("DeploymentConfig", retained)
    roles = {variant["Role"] for variant in target["Variants"]}
    plan = guardrails.parse(guard, variants, record["ProductionVariants"], roles)
    record.pop("FailureReason", None)
    if guard:
        record["LastDeploymentConfig"] = guard
    record["PendingDeploymentSummary"] = {
        "EndpointConfigName": config["EndpointConfigName"],
        "ProductionVariants": variants,
        "StartTime": time.time(),
    }
    _enter(record, "Creating")
    _transition(record, "Updating")
    members = {
        "EndpointConfigName": config["EndpointConfigName"],
        "_Specification": target,
        # A copy, without the status that the pending ones have.
        "ProductionVariants": [{k: v for k, v in variant.items() if k != "VariantStatus"} for variant in variants],
    }
    threads.start(_replace, record, members, plan)
    return {"EndpointArn": record["EndpointArn"]}


def _replace(record: JsonObject, members: JsonObject, plan: guardrails.Guardrails) -> None:
    reason = plan.tripped()
    new = None if reason else _start_beside(record, members)
    if new and record["EndpointArn"] in fleets.serving():
        reason = _shift(record, new, plan)
    if new and not reason:
        threads.on_loop(lambda: _switch(record, new, "InService", **members))
        return
    threads.on_loop(lambda: _roll_back(record, reason))
    if new:
        new.retire()


def _start_beside(record: JsonObject, members: JsonObject) -> Deployment | None:
    try:
        return Deployment.start(record["EndpointName"], members["_Specification"])
    except DeploymentError as error:
        target = members["EndpointConfigName"]
        _log.warning("The update of %s to %s is rolled back: %s", record["EndpointName"], target, error)
        return None


def _shift(record: JsonObject, new: Deployment, plan: guardrails.Guardrails) -> str | None:
    """Shifts the traffic step by step; returns why it has to go back, if it has to."""
    for share, seconds in plan.steps:
        threads.on_loop(partial(_give, record, new, share))
        _enter(record, "Baking")
        if reason := plan.bake(seconds, lambda: _is_gone(record)):
            return reason
    return None


def _give(record: JsonObject, new: Deployment, share: float) -> None:
    if not _is_gone(record):
        fleets.shift(record["EndpointArn"], new, share)


def _roll_back(record: JsonObject, reason: str | None) -> None:
    """Lets the old deployment answer alone. On the event loop."""
    if _is_gone(record):
        return
    fleets.shift_back(record["EndpointArn"])
    record.pop("PendingDeploymentSummary", None)
    reasons = {"FailureReason": reason} if reason else {}
    _transition(record, "InService" if record["EndpointArn"] in fleets.serving() else "Failed", **reasons)


def _is_gone(record: JsonObject) -> bool:
    """Tells whether the endpoint has been deleted, or deleted and made again."""
    return ENDPOINT.records.get(record["EndpointArn"]) is not record


def _switch(record: JsonObject, new: Deployment, status: str, **members: object) -> None:
    """Makes a started deployment the one that answers. On the event loop."""
    if _is_gone(record):
        threads.start(new.stop)
        return
    old = fleets.replace(record["EndpointArn"], new)
    record.pop("PendingDeploymentSummary", None)
    _transition(record, status, **members)
    if old:
        threads.start(old.retire)


def update_weights(request: JsonObject) -> JsonObject:
    """Serves UpdateEndpointWeightsAndCapacities; takes effect at once."""
    record = ENDPOINT.get(request["EndpointName"])
    variants = {variant["VariantName"]: variant for variant in record["ProductionVariants"]}
    for wanted in request["DesiredWeightsAndCapacities"]:
        variant = variants.get(wanted["VariantName"])
        if variant is None:
            raise validation_error(f"The endpoint has no variant '{wanted['VariantName']}'.")
        for member, kind in (("DesiredWeight", "Weight"), ("DesiredInstanceCount", "InstanceCount")):
            if member in wanted:
                variant[f"Current{kind}"] = variant[f"Desired{kind}"] = wanted[member]
    _transition(record, "InService")
    return {"EndpointArn": record["EndpointArn"]}


def delete(request: JsonObject) -> JsonObject:
    """Serves DeleteEndpoint."""
    record = ENDPOINT.remove(request["EndpointName"])
    for running in fleets.remove(record["EndpointArn"]):
        threads.start(running.stop)
    return {}


def stop_all() -> None:
    """Stops everything that runs."""
    for running in fleets.remove_all():
        threads.start(running.stop)


def restore() -> None:
    """Starts again what ran when the emulator ended; blocks until all endpoints answer or have failed."""
    workers = []
    for (account, region, _), record in ENDPOINT.records.all_items():
        if record["EndpointStatus"] == "Failed":
            continue
        # An update that the end cut off is rolled back.
        record.pop("PendingDeploymentSummary", None)
        with request_scope(account, region):
            workers.append(threads.start(_bring_up, record))
    for worker in workers:
        worker.join()


def _transition(record: JsonObject, status: str, **members: object) -> None:
    record.update(members, EndpointStatus=status, LastModifiedTime=time.time())
    changes.mark()


def _enter(record: JsonObject, status: str) -> None:
    """Tells how far the new variants of an update are."""
    for variant in record["PendingDeploymentSummary"]["ProductionVariants"]:
        variant["VariantStatus"] = [{"Status": status, "StartTime": time.time()}]
    changes.mark()


def _variants(config: JsonObject) -> list[JsonObject]:
    """Returns the summaries of a configuration's variants, as DescribeEndpoint gives them."""
    variants = []
    for variant in config["ProductionVariants"]:
        weight = variant["InitialVariantWeight"]
        summary: JsonObject = {"VariantName": variant["VariantName"], "CurrentWeight": weight, "DesiredWeight": weight}
        if "ServerlessConfig" in variant:
            summary["CurrentServerlessConfig"] = summary["DesiredServerlessConfig"] = variant["ServerlessConfig"]
        else:
            count = variant.get("InitialInstanceCount", 1)
            summary["CurrentInstanceCount"] = summary["DesiredInstanceCount"] = count
        variants.append(summary)
    return variants


def _retain(new: list[JsonObject], old: list[JsonObject], excluded: list[JsonObject]) -> None:
    """Carries weights and instance counts over to variants of the same name."""
    dropped = {item["VariantPropertyType"] for item in excluded}
    kept = [
        kind
        for kind, name in (("Weight", "DesiredWeight"), ("InstanceCount", "DesiredInstanceCount"))
        if name not in dropped
    ]
    before = {variant["VariantName"]: variant for variant in old}
    for variant in new:
        for kind in kept:
            for member in (f"Current{kind}", f"Desired{kind}"):
                if member in variant and member in before.get(variant["VariantName"], {}):
                    variant[member] = before[variant["VariantName"]][member]
