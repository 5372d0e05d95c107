"""Endpoints: create, update beside the running deployment, roll back, delete."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping

from ministack.core.responses import request_scope

from .. import changes, threads
from ..errors import validation_error
from ..json_service import JsonObject
from .deployments import Deployment, DeploymentError, specification
from .store import ENDPOINT, ENDPOINT_CONFIG

_log = logging.getLogger(__name__)

# By ARN. Changed and read on the event loop, so that a request never meets a deployment that is being stopped.
_deployments: dict[str, Deployment] = {}


def deployment(endpoint: JsonObject) -> Deployment | None:
    """What answers an endpoint's requests now, if anything does."""
    return _deployments.get(endpoint["EndpointArn"])


def deployments() -> Mapping[str, Deployment]:
    """All running deployments by the ARN of their endpoint."""
    return _deployments


def create(request: JsonObject) -> JsonObject:
    """CreateEndpoint: `Creating`, then `InService` or `Failed`."""
    ENDPOINT.check_new(request["EndpointName"])
    config = ENDPOINT_CONFIG.get(request["EndpointConfigName"])
    record = ENDPOINT.add(
        {
            "EndpointName": request["EndpointName"],
            "EndpointConfigName": config["EndpointConfigName"],
            "Tags": request.get("Tags", []),
            "_Specification": specification(config),
            "ProductionVariants": _variants(config),
        }
    )
    _transition(record, "Creating")
    threads.start(_bring_up, record)
    return {"EndpointArn": record["EndpointArn"]}


def _bring_up(record: JsonObject) -> None:
    try:
        new = Deployment.start(record["EndpointName"], record["_Specification"])
    except DeploymentError as error:
        _transition(record, "Failed", FailureReason=str(error))
        return
    threads.on_loop(lambda: _switch(record, new, "InService"))


def update(request: JsonObject) -> JsonObject:
    """UpdateEndpoint: the new deployment starts beside the old one, which answers until then.

    When the new one does not come up, the endpoint is `InService` again with the OLD configuration's name, and
    nothing else tells: that is how AWS rolls back.
    """
    record = ENDPOINT.get(request["EndpointName"])
    config = ENDPOINT_CONFIG.get(request["EndpointConfigName"])
    if record["EndpointStatus"] not in ("InService", "Failed"):
        raise validation_error(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
    variants = _variants(config)
    if request.get("RetainAllVariantProperties"):
        _retain(variants, record["ProductionVariants"], request.get("ExcludeRetainedVariantProperties", []))
    target = specification(config)
    record.pop("FailureReason", None)
    record["PendingDeploymentSummary"] = {
        "EndpointConfigName": config["EndpointConfigName"],
        "ProductionVariants": [{**variant, "VariantStatus": [{"Status": "Creating"}]} for variant in variants],
        "StartTime": time.time(),
    }
    _transition(record, "Updating")
    threads.start(_replace, record, config["EndpointConfigName"], variants, target, request.get("DeploymentConfig"))
    return {"EndpointArn": record["EndpointArn"]}


def _replace(
    record: JsonObject, config_name: str, variants: list[JsonObject], target: JsonObject, guard: JsonObject | None
) -> None:
    try:
        new = Deployment.start(record["EndpointName"], target)
    except DeploymentError as error:
        _log.warning("The update of %s to %s is rolled back: %s", record["EndpointName"], config_name, error)
        record.pop("PendingDeploymentSummary", None)
        _transition(record, "InService" if deployment(record) else "Failed")
        return
    members = {"EndpointConfigName": config_name, "_Specification": target, "ProductionVariants": variants}
    if guard:
        members["LastDeploymentConfig"] = guard
    threads.on_loop(lambda: _switch(record, new, "InService", **members))


def _switch(record: JsonObject, new: Deployment, status: str, **members: object) -> None:
    """Makes a started deployment the one that answers. On the event loop."""
    arn = record["EndpointArn"]
    if ENDPOINT.records.get(arn) is not record:  # deleted meanwhile
        threads.start(new.stop)
        return
    old = _deployments.get(arn)
    _deployments[arn] = new
    record.pop("PendingDeploymentSummary", None)
    _transition(record, status, **members)
    if old:
        threads.start(old.retire)


def update_weights(request: JsonObject) -> JsonObject:
    """UpdateEndpointWeightsAndCapacities; takes effect at once."""
    record = ENDPOINT.get(request["EndpointName"])
    if record["EndpointStatus"] != "InService":
        raise validation_error(f'Cannot update in-progress endpoint "{record["EndpointArn"]}".')
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
    """DeleteEndpoint."""
    record = ENDPOINT.remove(request["EndpointName"])
    running = _deployments.pop(record["EndpointArn"], None)
    if running:
        threads.start(running.stop)
    return {}


def stop_all() -> None:
    """Stops everything that runs."""
    while _deployments:
        threads.start(_deployments.popitem()[1].stop)


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


def _variants(config: JsonObject) -> list[JsonObject]:
    """The summaries of a configuration's variants, as DescribeEndpoint gives them."""
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
