from __future__ import annotations

import json
from typing import Any

import pytest
from ministack.core.iam_actions import dynamodb_service_context, extract_iam_action
from ministack.core.iam_evaluator import parse_policy_document

from in_process import document, statement
from vwt_local.iam import granting_batches, parsing_once, telling_attributes


def test_a_policy_is_parsed_once_and_its_next_version_anew() -> None:
    parsed: list[str] = []
    parse = parsing_once(lambda text: parsed.append(text) or parse_policy_document(text))  # type: ignore[func-returns-value]
    first, second = (document(statement(Action=action, Resource="*")) for action in ("s3:GetObject", "s3:PutObject"))
    for _ in range(3):
        assert [one.actions for one in parse(first)] == [["s3:GetObject"]]
    assert [one.actions for one in parse(second)] == [["s3:PutObject"]]
    parse(first).clear()
    assert parse(first)
    assert parsed == [first, second]


def test_who_may_send_a_message_may_send_a_batch() -> None:
    def action(service: str, target: str) -> str | None:
        headers = {"x-amz-target": target}
        return granting_batches(extract_iam_action)(service, "POST", "/", headers, b"{}", {})

    assert action("sqs", "AmazonSQS.SendMessageBatch") == "sqs:SendMessage"
    assert action("sqs", "AmazonSQS.SendMessage") == "sqs:SendMessage"
    assert action("firehose", "Firehose_20150804.PutRecordBatch") == "firehose:PutRecordBatch"


_NAMED = {"ProjectionExpression": "#a, b.c", "ExpressionAttributeNames": {"#a": "player"}}


@pytest.mark.parametrize(
    ("request_items", "select", "attributes"),
    [
        ({"t": {"Keys": [], **_NAMED}}, "SPECIFIC_ATTRIBUTES", ["player", "b"]),
        ({"t": {"Keys": []}}, "ALL_ATTRIBUTES", None),
        ({"t": {"Keys": [], **_NAMED}, "u": {"Keys": []}}, "ALL_ATTRIBUTES", ["player", "b"]),
        ("no tables", "ALL_ATTRIBUTES", None),
    ],
)
def test_policies_know_what_a_batch_reads(request_items: Any, select: str, attributes: list[str] | None) -> None:
    told = telling_attributes(dynamodb_service_context)(json.dumps({"RequestItems": request_items}).encode())
    assert (told["dynamodb:Select"], told.get("dynamodb:Attributes")) == (select, attributes)
