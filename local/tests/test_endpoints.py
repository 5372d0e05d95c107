from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import emulator as e
import samples


@pytest.fixture(scope="module")
def endpoint(emulator: e.Emulator, ml_role: str) -> str:
    """Returns the name of an endpoint that serves the model `first`."""
    e.put_model(emulator, "first", samples.archive(samples.booster()), ml_role)
    emulator.client("sagemaker").create_endpoint(EndpointName="risk", EndpointConfigName="first")
    assert e.status_of(emulator, "risk") == "Creating"
    e.wait_until(lambda: e.status_of(emulator, "risk") == "InService")
    return "risk"


def test_answers_one_score_a_row(emulator: e.Emulator, endpoint: str) -> None:
    answer = emulator.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=endpoint, ContentType="text/csv", Body="1,2,3,4\n,,,"
    )
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    scores = [float(line) for line in answer["Body"].read().decode().splitlines()]
    assert len(scores) == 2
    assert all(0 < score < 1 for score in scores)


@pytest.mark.parametrize(
    ("body", "media_type", "original"), [("1,2,3,4,5", "text/csv", 400), ("{}", "text/plain", 415)]
)
def test_passes_the_containers_refusal_on(
    emulator: e.Emulator, endpoint: str, body: str, media_type: str, original: int
) -> None:
    with pytest.raises(ClientError) as caught:
        emulator.client("sagemaker-runtime").invoke_endpoint(EndpointName=endpoint, ContentType=media_type, Body=body)
    assert caught.value.response["Error"]["Code"] == "ModelError"
    assert caught.value.response["OriginalStatusCode"] == original


def test_unknown_endpoint_and_unknown_resources(emulator: e.Emulator) -> None:
    sagemaker = emulator.client("sagemaker")
    assert e.error_of(lambda: e.invoke(emulator, "nobody"))[0] == "ValidationError"
    assert e.error_of(lambda: sagemaker.describe_model(ModelName="Nobody")) == (
        "ValidationException",
        f'Could not find model "arn:aws:sagemaker:{e.REGION}:{e.ACCOUNT}:model/nobody".',
    )


def test_refuses_duplicates_and_missing_artefacts(emulator: e.Emulator, endpoint: str, ml_role: str) -> None:
    code, message = e.error_of(
        lambda: emulator.client("sagemaker").create_endpoint(EndpointName=endpoint, EndpointConfigName="first")
    )
    assert code == "ValidationException"
    assert "Cannot create already existing endpoint" in message
    container = {"Image": e.IMAGE, "ModelDataUrl": f"s3://{e.BUCKET}/none.tar.gz"}
    _, message = e.error_of(
        lambda: emulator.client("sagemaker").create_model(
            ModelName="absent", ExecutionRoleArn=ml_role, PrimaryContainer=container
        )
    )
    assert "Could not access model data" in message


def test_update_loses_no_request(emulator: e.Emulator, endpoint: str, ml_role: str) -> None:
    e.put_model(emulator, "second", samples.archive(samples.booster(1)), ml_role)
    before = e.invoke(emulator, endpoint)
    answers: list[str] = []
    stopped = threading.Event()

    def load() -> None:
        while not stopped.is_set():
            answers.append(e.invoke(emulator, endpoint))

    callers = [threading.Thread(target=load) for _ in range(3)]
    for caller in callers:
        caller.start()
    sagemaker = emulator.client("sagemaker")
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName="second")
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"] == "first"
    e.wait_until(lambda: e.status_of(emulator, endpoint) == "InService")
    after = e.invoke(emulator, endpoint)
    e.wait_until(lambda: len(emulator.pids("endpoint", endpoint)) == 1)
    stopped.set()
    for caller in callers:
        caller.join()
    assert before != after
    assert set(answers) == {before, after}
    assert sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"] == "second"


def test_failed_update_is_rolled_back_silently(emulator: e.Emulator, endpoint: str, ml_role: str) -> None:
    e.put_model(emulator, "broken", samples.archive(b"no booster"), ml_role)
    sagemaker = emulator.client("sagemaker")
    before = sagemaker.describe_endpoint(EndpointName=endpoint)["EndpointConfigName"]
    sagemaker.update_endpoint(EndpointName=endpoint, EndpointConfigName="broken")
    assert e.status_of(emulator, endpoint) == "Updating"
    e.wait_until(lambda: e.status_of(emulator, endpoint) == "InService")
    after = sagemaker.describe_endpoint(EndpointName=endpoint)
    assert after["EndpointConfigName"] == before
    assert "FailureReason" not in after
    assert e.invoke(emulator, endpoint)


def test_broken_model_fails_a_new_endpoint(emulator: e.Emulator, ml_role: str) -> None:
    e.put_model(emulator, "broken-new", samples.archive(b"no booster"), ml_role)
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="broken", EndpointConfigName="broken-new")
    e.wait_until(lambda: e.status_of(emulator, "broken") == "Failed")
    reason = sagemaker.describe_endpoint(EndpointName="broken")["FailureReason"]
    assert "did not pass the ping health check" in reason
    events = emulator.client("logs").filter_log_events(logGroupName="/aws/sagemaker/Endpoints/broken")["events"]
    assert any("cannot be loaded" in event["message"] for event in events)
    sagemaker.delete_endpoint(EndpointName="broken")
    assert "Could not find endpoint" in e.error_of(lambda: sagemaker.describe_endpoint(EndpointName="broken"))[1]


def test_killed_process_comes_back(emulator: e.Emulator, endpoint: str) -> None:
    killed: list[int] = []
    statuses: list[int] = []

    def killed_and_not_back() -> bool:
        """Tells whether a request came before the replacement, which on a busy machine may be the quicker one."""
        killed[:] = emulator.pids("endpoint", endpoint)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        e.wait_until(lambda: not any(map(e.is_alive, killed)))
        try:
            e.invoke(emulator, endpoint)
        except ClientError as error:
            statuses.append(error.response["OriginalStatusCode"])
        return bool(killed and statuses)

    e.wait_until(killed_and_not_back)
    assert set(statuses) == {503}
    e.wait_until(lambda: e.invoke(emulator, endpoint), retry=ClientError)
    assert emulator.pids("endpoint", endpoint) != killed


def test_stopped_process_hangs_and_goes_on(emulator: e.Emulator, endpoint: str) -> None:
    (pid,) = emulator.pids("endpoint", endpoint)
    answers: list[str] = []
    os.kill(pid, signal.SIGSTOP)
    caller = threading.Thread(target=lambda: answers.append(e.invoke(emulator, endpoint)))
    caller.start()
    caller.join(0.3)
    assert caller.is_alive()
    os.kill(pid, signal.SIGCONT)
    caller.join(300)
    assert answers


def test_invoking_needs_the_permission(emulator: e.Emulator, endpoint: str) -> None:
    iam = emulator.client("iam")
    iam.create_user(UserName="caller")
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    runtime = emulator.client("sagemaker-runtime", key["AccessKeyId"], key["SecretAccessKey"])

    def call() -> object:
        return runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body="1,2,3,4")

    code, message = e.error_of(call)
    assert code == "AccessDeniedException"
    assert "sagemaker:InvokeEndpoint" in message
    statement = {
        "Effect": "Allow",
        "Action": "sagemaker:InvokeEndpoint",
        "Resource": f"arn:aws:sagemaker:{e.REGION}:{e.ACCOUNT}:endpoint/{endpoint}",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="caller", PolicyName="p", PolicyDocument=policy)
    assert call()


def test_opens_no_other_port(emulator: e.Emulator) -> None:
    tables = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = [address for _, address, _, state, *_ in tables if state == "0A"]
    port = f"{int(emulator.url.rsplit(':', 1)[1]):04X}"
    assert f"0100007F:{port}" in listening
    assert f"00000000:{port}" not in listening
