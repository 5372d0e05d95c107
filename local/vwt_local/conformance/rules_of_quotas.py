"""Quotas that the service models do not hold; see `rules` for their sources."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from ministack.services import eventbridge, iam, lambda_svc, sqs

Values = Mapping[str, Any]

KIB = 1024
# Data of a task, a state or an execution: "262,144 bytes of data as a UTF-8 encoded string".
STATE_BYTES = 256 * KIB


def _bytes(value: Any) -> int:
    return len((value if isinstance(value, str) else json.dumps(value)).encode())


def environment_of_functions(values: Values) -> str | None:
    """Allows 4 KB of environment variables."""
    variables = (values.get("Environment") or {}).get("Variables") or {}
    size = sum(_bytes(name) + _bytes(value) for name, value in variables.items())
    if size > 4 * KIB:
        return (
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. The size of yours is {size} bytes."
        )
    return None


def reserved_concurrency(values: Values) -> str | None:
    """Keeps 100 of the account's 1,000 for the functions that reserve none."""
    others = {name: known.get("concurrency") or 0 for name, known in lambda_svc._functions.items()}
    others[values["FunctionName"].rsplit(":", 1)[-1]] = values["ReservedConcurrentExecutions"]
    if sum(others.values()) > 900:
        return (
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            "below its minimum value of [100]."
        )
    return None


def payload_of_functions(values: Values) -> str | None:
    """Allows 6 MB of payload, or 1 MB when nobody waits for the answer."""
    limit = KIB * KIB if values.get("InvocationType") == "Event" else 6 * KIB * KIB
    size = len(values.get("Payload") or b"")
    return f"Request must be smaller than {limit} bytes for the InvokeFunction operation" if size > limit else None


def inline_policies_of_roles(values: Values) -> str | None:
    """Allows 10,240 characters of inline policies in all, without white space."""
    role = iam._roles.get(values["RoleName"])
    inline = dict((role or {}).get("InlinePolicies") or {})
    inline[values["PolicyName"]] = values["PolicyDocument"]
    texts = (policy if isinstance(policy, str) else json.dumps(policy) for policy in inline.values())
    size = sum(len(re.sub(r"\s", "", unquote(text))) for text in texts)
    return f"Maximum policy size of 10240 bytes exceeded for role {values['RoleName']}" if size > 10_240 else None


def value_of_standard_parameters(values: Values) -> str | None:
    """Allows 4 KB of value, unless the parameter asks for more."""
    if values.get("Tier", "Standard") == "Standard" and _bytes(values["Value"]) > 4 * KIB:
        return (
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger "
            "parameter value, upgrade the parameter to use the advanced-parameter tier."
        )
    return None


def message_of_queues(values: Values) -> str | None:
    """Allows 1 MiB of message."""
    if _bytes(values["MessageBody"]) > KIB * KIB:
        return "One or more parameters are invalid. Reason: Message must be shorter than 1048576 bytes."
    return None


def dead_letter_queue_takes_it(values: Values) -> str | None:
    """Wants a dead-letter queue of the same kind, whose redrive allow policy has the queue."""
    policy = (values.get("Attributes") or {}).get("RedrivePolicy", "")
    # What is no policy is refused by the service itself.
    named = re.search(r'"deadLetterTargetArn"\s*:\s*"([^"]*)"', policy)
    dead = sqs._queue_by_arn(named[1]) if named else None
    if dead is None:
        return None
    name = values.get("QueueName") or values["QueueUrl"].rstrip("/").rpartition("/")[2]
    refused = f"Value {policy} for parameter RedrivePolicy is invalid. Reason:"
    if name.endswith(".fifo") != dead["is_fifo"]:
        return f"{refused} Dead-letter queue must be same type of queue as the source."
    allowed = json.loads(dead["attributes"].get("RedriveAllowPolicy") or '{"redrivePermission":"allowAll"}')
    arn = dead["attributes"]["QueueArn"].rpartition(":")[0] + f":{name}"
    if allowed["redrivePermission"] == "allowAll" or arn in allowed.get("sourceQueueArns", ()):
        return None
    return f"{refused} The redrive allow policy of the dead-letter queue does not allow {arn}."


def message_of_topics(values: Values) -> str | None:
    """Allows 256 KiB of message."""
    return "Invalid parameter: Message too long" if _bytes(values["Message"]) > 256 * KIB else None


def targets_of_rules(values: Values) -> str | None:
    """Allows five targets."""
    key = eventbridge._rule_key(values["Rule"], values.get("EventBusName", "default"))
    known = eventbridge._targets.get(key) or []
    ids = {target["Id"] for target in [*known, *values["Targets"]]}
    return "The requested resource exceeds the maximum number allowed." if len(ids) > 5 else None


_LARGE_BUFFERS = {
    "DataFormatConversionConfiguration": "data format conversion",
    "DynamicPartitioningConfiguration": "dynamic partitioning",
}


def buffers_of_streams(values: Values) -> str | None:
    """Wants buffers of 64 MB where a delivery stream converts or partitions."""
    config = values.get("ExtendedS3DestinationConfiguration") or values.get("ExtendedS3DestinationUpdate") or {}
    size = (config.get("BufferingHints") or {}).get("SizeInMBs")
    for member, what in _LARGE_BUFFERS.items():
        if (config.get(member) or {}).get("Enabled") and size is not None and size < 64:
            return f"BufferingHints.SizeInMBs must be at least 64 when {what} is enabled."
    return None


def rules_of_buses(values: Values) -> str | None:
    """Allows 300 rules on a bus."""
    bus = values.get("EventBusName", "default").rpartition("/")[2]
    names = {rule["Name"] for rule in eventbridge._rules.values() if rule.get("EventBusName", "default") == bus}
    return "The requested resource exceeds the maximum number allowed." if len({*names, values["Name"]}) > 300 else None


def archived_bus(values: Values) -> str | None:
    """Wants the bus of an archive to be there."""
    bus = values["EventSourceArn"].rpartition("/")[2]
    return None if bus in eventbridge._event_buses else f"Event bus {bus} does not exist."


def size_of_events(values: Values) -> str | None:
    """Allows 1 MiB of entries."""
    if _bytes(values["Entries"]) > KIB * KIB:
        return "Total size of the entries in the request is over the limit."
    return None


def input_is_json(values: Values) -> str | None:
    """Wants JSON as an execution's input; the message quotes nothing, because it may be about somebody."""
    try:
        json.loads(values.get("input") or "{}")
    except ValueError:
        return "Invalid State Machine Execution Input: it is not JSON"
    return None


def data_of_executions(values: Values) -> str | None:
    """Allows 256 KiB of input or output, in UTF-8."""
    for name in ("input", "output"):
        if _bytes(values.get(name) or "") > STATE_BYTES:
            return (
                f"1 validation error detected: Value at '{name}' failed to satisfy constraint: Member must have length "
                f"less than or equal to {STATE_BYTES}"
            )
    return None
