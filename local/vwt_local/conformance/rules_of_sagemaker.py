"""SageMaker's rules; see `rules` for their sources."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .. import autoscaling
from ..sagemaker import images
from ..sagemaker.store import ENDPOINT, ENDPOINT_CONFIG, MODEL

Values = Mapping[str, Any]

# Families whose instances have NVMe drives of their own: a d after the generation, and these.
_WITH_DRIVES = re.compile(r"ml\.([a-z]+\d+[a-z]*d[a-z]*|(g5|g6e?|g7e?|gr6|p5e?n?|p6\S*|dl1|trn1n?|trn2|i\d\w*))\.")
_AT_REST = ("InService", "Failed", "OutOfService")
# Hyperparameters that the built-in XGBoost may be tuned by. The guide wants max_delta_step whole, the published code
# takes any.
_TUNABLE = {
    "IntegerParameterRanges": {"max_delta_step", "max_depth", "num_round"},
    "ContinuousParameterRanges": {
        *("alpha", "colsample_bylevel", "colsample_bynode", "colsample_bytree", "eta", "gamma", "lambda"),
        *("max_delta_step", "min_child_weight", "subsample"),
    },
    "CategoricalParameterRanges": set[str](),
}
_MEMORY_MB = (1024, 2048, 3072, 4096, 5120, 6144)


def _variants(values: Values) -> list[Values]:
    return [*values.get("ProductionVariants", []), *(values.get("ShadowProductionVariants") or [])]


def _serverless(values: Values) -> list[Values]:
    return [variant for variant in _variants(values) if variant.get("ServerlessConfig")]


def one_kind_of_capacity(values: Values) -> str | None:
    """Wants a variant to have instances or to be serverless."""
    for variant in _variants(values):
        if ("ServerlessConfig" in variant) == ("InstanceType" in variant):
            return f"The variant '{variant['VariantName']}' needs either InstanceType or ServerlessConfig, not both."
    return None


def serverless_has_no_network(values: Values) -> str | None:
    """Refuses a serverless variant with a VPC or network isolation, of the configuration or of its models."""
    for variant in _serverless(values):
        model = MODEL.records.get(MODEL.arn(variant.get("ModelName", ""))) or {}
        for where, of in (("endpoint configuration", values), ("model", model)):
            if of.get("VpcConfig"):
                return f"VpcConfig of the {where} is not supported for serverless endpoints."
            if of.get("EnableNetworkIsolation"):
                return f"Network isolation of the {where} is not supported for serverless endpoints."
    return None


def serverless_has_no_capture(values: Values) -> str | None:
    """Refuses a serverless variant with data capture."""
    if _serverless(values) and values.get("DataCaptureConfig"):
        return "Data capture is not supported for serverless endpoints."
    return None


def serverless_is_one_variant(values: Values) -> str | None:
    """Wants a serverless variant to be the only one."""
    if _serverless(values) and len(_variants(values)) > 1:
        return "Serverless endpoints have exactly one production variant."
    return None


def serverless_memory(values: Values) -> str | None:
    """Wants serverless memory in steps of 1 GB."""
    for variant in _serverless(values):
        if variant["ServerlessConfig"]["MemorySizeInMB"] not in _MEMORY_MB:
            return f"MemorySizeInMB must be one of {', '.join(map(str, _MEMORY_MB))}."
    return None


def no_key_for_drives_of_endpoints(values: Values) -> str | None:
    """Refuses a KmsKeyId for instances with drives of their own."""
    for variant in _variants(values):
        if values.get("KmsKeyId") and _WITH_DRIVES.match(variant.get("InstanceType", "")):
            return f"KmsKeyId is not supported for {variant['InstanceType']}, which has local storage."
    return None


def _clusters(values: Values) -> list[Values]:
    definition = values.get("TrainingJobDefinition") or {}
    processing = (values.get("ProcessingResources") or {}).get("ClusterConfig")
    found = [
        values.get("ResourceConfig"),
        definition.get("ResourceConfig"),
        processing,
        values.get("TransformResources"),
    ]
    return [cluster for cluster in found if cluster]


def no_key_for_drives_of_jobs(values: Values) -> str | None:
    """Refuses a VolumeKmsKeyId for instances with drives of their own."""
    for cluster in _clusters(values):
        if cluster.get("VolumeKmsKeyId") and _WITH_DRIVES.match(cluster.get("InstanceType", "")):
            return f"VolumeKmsKeyId is not supported for {cluster['InstanceType']}, which has local storage."
    return None


def endpoint_is_at_rest(values: Values) -> str | None:
    """Refuses a change of an endpoint on which something else is under way."""
    record = ENDPOINT.records.get(ENDPOINT.arn(values["EndpointName"]))
    if record and record["EndpointStatus"] not in _AT_REST:
        return f'Cannot update in-progress endpoint "{record["EndpointArn"]}".'
    return None


def _before_and_after(values: Values) -> tuple[dict[str, Values], dict[str, Values]]:
    """Returns the variants by name of the configuration that an endpoint runs, and of the one it is to run."""
    endpoint = ENDPOINT.records.get(ENDPOINT.arn(values["EndpointName"])) or {}
    names = (endpoint.get("EndpointConfigName", ""), values["EndpointConfigName"])
    configs = [ENDPOINT_CONFIG.records.get(ENDPOINT_CONFIG.arn(name)) or {} for name in names]
    before, after = ({variant["VariantName"]: variant for variant in _variants(config)} for config in configs)
    return before, after


def scaled_variants_keep_their_instances(values: Values) -> str | None:
    """Refuses to remove a variant that is a scalable target, or to give it another instance type."""
    before, after = _before_and_after(values)
    if not after:
        return None
    for name, variant in before.items():
        scaled = autoscaling.is_registered("sagemaker", f"endpoint/{values['EndpointName']}/variant/{name}")
        if scaled and variant.get("InstanceType") != after.get(name, {}).get("InstanceType"):
            return (
                f"The variant '{name}' of the endpoint {values['EndpointName']} is registered as a scalable target, so "
                "its instance type cannot change and it cannot be removed. Deregister it with Application Auto Scaling."
            )
    return None


def no_change_of_mode(values: Values) -> str | None:
    """Refuses to make an endpoint with instances serverless, and the other way round.

    The guide says the former ends in a ValidationError and the latter can never be taken back; this framework could not
    roll back such an update, so neither is let through.
    """
    before, after = _before_and_after(values)
    modes = [{bool(variant.get("ServerlessConfig")) for variant in of.values()} for of in (before, after)]
    if before and after and modes[0] != modes[1]:
        return (
            f"The endpoint {values['EndpointName']} cannot change between instances and serverless: make an endpoint "
            "of another name."
        )
    return None


def tuned_by_what_is_tunable(values: Values) -> str | None:
    """Refuses a search of the built-in XGBoost beyond what can be tuned, each as its kind of number."""
    definition = values.get("TrainingJobDefinition")
    # Without one, and with several, it is no job that the emulator runs, which its service says.
    if definition is None or not images.is_built_in(definition["AlgorithmSpecification"].get("TrainingImage", "")):
        return None
    ranges = values["HyperParameterTuningJobConfig"].get("ParameterRanges", {})
    for kind, tunable in _TUNABLE.items():
        for name in (entry["Name"] for entry in ranges.get(kind, [])):
            if name not in tunable:
                known = ", ".join(sorted(tunable)) or "none"
                return f"The hyperparameter '{name}' of the algorithm is not tunable in {kind}; there may be: {known}."
    return None
