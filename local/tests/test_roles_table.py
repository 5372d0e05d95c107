"""Both sides of every row of `vwt_local/roles`: a role that may do all that it needs, and one that lacks one action."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ministack import app
from ministack.core.responses import request_scope
from ministack.services import iam as iam_service
from ministack.services import kms

import emulator as e
from in_process import KEY, ROLE, document, put_key, put_role, statement
from vwt_local import iam, keys
from vwt_local.errors import ApiError
from vwt_local.roles import acts, callers, key_uses, log_keys, passed, table

ROOT = f"arn:aws:iam::{e.ACCOUNT}:root"
NAMES = {
    "image": e.IMAGE,
    "image_region": e.REGION,
    "registry": "141502667606",
    "repository": "sagemaker-xgboost",
    "group": "/aws/sagemaker/TrainingJobs",
    "stream": "job/algo-1",
    "volume_key": KEY,
    "output_key": KEY,
    "alarm": f"arn:aws:cloudwatch:{e.REGION}:{e.ACCOUNT}:alarm:a",
    "name": "a",
    "target": f"arn:aws:states:{e.REGION}:{e.ACCOUNT}:stateMachine:m",
    "source": f"arn:aws:dynamodb:{e.REGION}:{e.ACCOUNT}:table/t/stream/s",
    "sources": f"arn:aws:dynamodb:{e.REGION}:{e.ACCOUNT}:table/t/stream/*",
    "bucket": e.BUCKET,
    "key": "captured/x",
}
ACTS = {
    **{name: act for name, act in vars(table).items() if isinstance(act, table.Act) and act.needs},
    **{f"METRICS {kind}": act for kind, act in table.METRICS.items()},
    **{f"TARGETS {service}": act for service, act in table.TARGETS.items()},
    **{f"EVENT_SOURCES {service}": act for service, act in table.EVENT_SOURCES.items()},
}


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Enforces IAM in an account with one key that leaves it to IAM."""
    monkeypatch.setattr(app, "AUTH", True)
    with request_scope(e.ACCOUNT, e.REGION):
        put_key(key_policy(ROOT))
        yield
        for store in (kms._keys, kms._grants, iam_service._roles):
            store.clear()


def key_policy(principal: str, *actions: str) -> str:
    return document(statement(Principal={"AWS": principal}, Action=actions or "kms:*", Resource="*"))


def granting(act: table.Act, *without: str) -> list[dict[str, Any]]:
    """Returns statements for exactly what an act needs, on exactly its resources, under exactly its condition keys."""
    known = {"region": e.REGION, "account": e.ACCOUNT, **NAMES}
    condition = {"Condition": {"StringEquals": dict(act.keys)}} if act.keys else {}
    return [
        statement(Action=action, Resource=resource.format(**known), **condition)
        for action, resource in act.needs
        if action not in without
    ]


def error_of(call: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize("name", ACTS)
def test_an_act_needs_all_its_actions(name: str) -> None:
    act = ACTS[name]
    acts.require(act, put_role(*granting(act)), **NAMES)
    for missing, _ in act.needs:
        role = put_role(*granting(act, missing), statement(Action="none:none", Resource="*"))
        error = error_of(lambda role=role: acts.require(act, role, **NAMES))
        assert error.code == act.code
        operation = missing.partition(":")[2]
        text = act.refusal or "{denial}"
        if "{denial}" in text:
            assert f"is not authorized to perform: {missing} on resource: " in error.message
        else:
            known = {"role": ROLE, "operation": operation, "region": e.REGION, **NAMES}
            assert error.message == text.format(**known)
    assert act.source


def test_the_texts_are_those_that_were_seen() -> None:
    role = put_role(*granting(table.SERVING_IMAGE, "ecr:BatchGetImage"))
    assert error_of(lambda: acts.require(table.SERVING_IMAGE, role, **NAMES)).message == (
        f"The role '{ROLE}' does not have BatchGetImage permission for the image: '{e.IMAGE}'."
    )
    error = error_of(lambda: acts.require(table.TRAINING_IMAGE, role, **NAMES))
    assert error.code == "ValidationException"
    assert error.message == (
        "Access denied for repository: sagemaker-xgboost in registry ID: 141502667606. Please check if your ECR "
        f"repository and image exist and role {ROLE} has proper pull permissions for SageMaker: "
        "ecr:BatchCheckLayerAvailability, ecr:BatchGetImage, ecr:GetDownloadUrlForLayer"
    )


def test_what_aws_tells_nobody_is_kept() -> None:
    role = put_role(statement(Action="logs:CreateLogGroup", Resource="*"))
    before = len(acts.unseen())
    assert not acts.may(table.JOB_LOG, role, **NAMES)
    (refused,) = acts.unseen()[before:]
    assert (refused["role"], "logs:DescribeLogStreams" in refused["refusal"]) == (ROLE, True)


SERVICES = {each.service.principal: each.service for each in passed.TABLE}


@pytest.mark.parametrize(("row", "action"), [(row, action) for row in passed.TABLE for action in row.actions])
def test_a_passed_role_must_trust_the_service(row: passed.Passed, action: str) -> None:
    request: Any = put_role(statement(Action="none:none", Resource="*"), trusts=row.service.principal)
    for member in reversed(row.member):
        request = [request] if member == "*" else {member: request}
    passed.require_trust(action, request)
    needed = list(callers.needs(action, request))
    assert needed[0] == ("iam:PassRole", ROLE, {"iam:passedtoservice": row.service.principal})
    put_role(statement(Action="*", Resource="*"), trusts="ec2.amazonaws.com")
    error = error_of(lambda: passed.require_trust(action, request))
    assert (error.code, error.message) == (row.service.code, row.service.refusal.format(role=ROLE))
    iam_service._roles.clear()
    assert error_of(lambda: passed.require_trust(action, request)).code == row.service.code


@pytest.mark.parametrize(("service", "sends"), [(s, s in iam._SENDS_ACCOUNT) for s in SERVICES])
def test_the_conditions_of_a_trust_policy_count(service: str, sends: bool) -> None:
    for account, matches in ((e.ACCOUNT, True), ("111111111111", False)):
        condition = {"StringEquals": {"aws:SourceAccount": account}}
        role = put_role(trusts=service, Condition=condition)
        assert iam.is_assumable(role, service) is (sends and matches)


def test_a_denied_service_may_not_assume() -> None:
    role = put_role()
    denial = {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}
    trust = statement(Principal={"Service": "sagemaker.amazonaws.com"}, Action="sts:AssumeRole")
    iam_service._roles["actor"]["AssumeRolePolicyDocument"] = document(trust, denial)
    assert not iam.is_assumable(role, "sagemaker.amazonaws.com")


def test_a_state_machine_with_a_log_needs_the_log_deliveries() -> None:
    group = f"arn:aws:logs:{e.REGION}:{e.ACCOUNT}:log-group:g:*"
    request = {
        "roleArn": put_role(*granting(table.MACHINE_LOG), trusts="states.amazonaws.com"),
        "loggingConfiguration": {"destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}]},
    }
    passed.require_trust("states:CreateStateMachine", request)
    put_role(*granting(table.MACHINE_LOG, "logs:PutResourcePolicy"), trusts="states.amazonaws.com")
    error = error_of(lambda: passed.require_trust("states:CreateStateMachine", request))
    assert (error.code, error.message) == ("AccessDeniedException", table.MACHINE_LOG.refusal)
    passed.require_trust("states:CreateStateMachine", {"roleArn": ROLE})


def use(action: str = "kms:Decrypt", key: str = KEY, **context: str) -> None:
    iam.require(ROLE, "test", action, key, context)


def test_a_key_leaves_it_to_iam_only_where_its_policy_says_so() -> None:
    put_role(statement(Action="kms:Decrypt", Resource=KEY))
    use()
    put_role(statement(Action="kms:Encrypt", Resource=KEY))
    assert "because no identity-based policy allows the kms:Decrypt action" in error_of(use).message
    # A policy that names somebody else only: permissions of IAM count for nothing.
    put_role(statement(Action="kms:*", Resource="*"))
    kms._keys["k"]["Policy"] = key_policy(f"arn:aws:iam::{e.ACCOUNT}:role/other")
    assert error_of(use).code == "AccessDeniedException"
    # One that names the role itself: it needs none.
    put_role(statement(Action="none:none", Resource="*"))
    kms._keys["k"]["Policy"] = key_policy(ROLE, "kms:Decrypt")
    use()
    assert "kms:Encrypt" in error_of(lambda: use("kms:Encrypt")).message


def test_keys_that_cannot_be_used() -> None:
    put_role(statement(Action="kms:*", Resource="*"))
    assert error_of(lambda: use(key=f"{KEY}-none")).code == "NotFoundException"
    for state, code in (("Disabled", "DisabledException"), ("PendingDeletion", "KMSInvalidStateException")):
        kms._keys["k"]["KeyState"] = state
        assert error_of(use).code == code


def grant(**changes: Any) -> None:
    kms._grants["g"] = {
        "KeyId": KEY,
        "GranteePrincipal": ROLE,
        "Operations": ["Decrypt"],
        "Constraints": None,
        **changes,
    }


def test_a_grant_allows_what_no_policy_denies(monkeypatch: pytest.MonkeyPatch) -> None:
    evaluator = iam.iam_evaluator
    honouring = keys.honouring_grants(evaluator.combine_resource_policy)
    monkeypatch.setattr(evaluator, "combine_resource_policy", honouring)
    put_role(statement(Action="none:none", Resource="*"))
    grant()
    use()
    assert "kms:Encrypt" in error_of(lambda: use("kms:Encrypt")).message
    for changes in (
        {"GranteePrincipal": f"{ROLE}-other"},
        {"KeyId": f"{KEY}-other"},
        {"Constraints": {"EncryptionContextSubset": {"aws:s3:arn": "b"}}},
    ):
        grant(**changes)
        assert error_of(use).code == "AccessDeniedException"
    grant(Constraints={"EncryptionContextSubset": {"aws:s3:arn": "b"}})
    use(**{"kms:encryptioncontext:aws:s3:arn": "b"})
    grant()
    put_role({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"})
    assert "explicit deny" in error_of(use).message


def test_a_grant_may_be_made_for_aws_only() -> None:
    condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    role = put_role(statement(Action="kms:CreateGrant", Resource=KEY, Condition=condition))
    acts.require(table.VOLUME, role, volume_key=KEY)
    assert error_of(lambda: use("kms:CreateGrant")).code == "AccessDeniedException"


def test_logs_may_use_a_key_by_its_policy_only() -> None:
    request = {"logGroupName": "/aws/g", "kmsKeyId": KEY}
    logs = {"Service": f"logs.{e.REGION}.amazonaws.com"}
    context = {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{e.REGION}:{e.ACCOUNT}:*"}}
    actions = ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"]
    group = f"arn:aws:logs:{e.REGION}:{e.ACCOUNT}:log-group:/aws/g"
    refusal = f"The specified KMS key does not exist or is not allowed to be used with Arn '{group}'"
    for action in log_keys.ACTIONS:
        kms._keys["k"]["Policy"] = document(statement(Principal=logs, Action=actions, Resource="*", Condition=context))
        log_keys.require(action, request)
        put_key(key_policy(ROOT))
        error = error_of(lambda action=action: log_keys.require(action, request))
        assert (error.code, error.message) == ("AccessDeniedException", refusal)
    log_keys.require("logs:CreateLogGroup", {"logGroupName": "/aws/g"})


def test_every_row_has_a_source_and_no_action_has_two() -> None:
    assert all(row.source for row in key_uses.TABLE)
    for rows in (key_uses.TABLE, passed.TABLE):
        actions = [action for row in rows for action in row.actions]
        assert len(actions) == len(set(actions))
