from __future__ import annotations

import io
import json
import os
import signal
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

from botocore.exceptions import ClientError

import emulator as e
import functions
import samples
import test_processing
import test_tuning
from test_training import LONG


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def test_survives_being_killed(tmp_path: Path) -> None:
    first = e.Emulator(tmp_path, "--no-auth")
    first.client("s3").create_bucket(Bucket=e.BUCKET, CreateBucketConfiguration={"LocationConstraint": e.REGION})
    role = e.role(first, "ml", "sagemaker.amazonaws.com")
    e.put_model(first, "kept", samples.archive(samples.booster()), role)
    sagemaker = first.client("sagemaker")
    sagemaker.create_endpoint(EndpointName="kept", EndpointConfigName="kept")
    e.put_training_data(first, "cut")
    sagemaker.create_training_job(**e.training_request("cut", role, HyperParameters=LONG))
    test_processing.start(first, "cut", role, test_processing.SLEEP)
    tuning = test_tuning.request("cut-tuning", role, jobs=1, parallel=1, StaticHyperParameters=LONG)
    e.put_training_data(first, "cut-tuning")
    sagemaker.create_hyper_parameter_tuning_job(**tuning)
    states = first.client("stepfunctions")
    definition = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}}
    machine = states.create_state_machine(name="long", definition=json.dumps(definition), roleArn=role)
    execution = states.start_execution(stateMachineArn=machine["stateMachineArn"])["executionArn"]
    e.wait_until(lambda: e.status_of(first, "kept") == "InService")
    e.wait_until(lambda: len(first.get("/_vwt/processes")) == 4)
    children = {process["pid"] for process in first.get("/_vwt/processes")}
    # The job's variables may mean something to what the zygote has imported, so it is a child of the emulator's.
    (zygote,) = {parent_of(pid) for pid in children.difference(first.pids("processing", "cut"))}
    # Stopped programs must end too, and cost nothing until then.
    for process in first.get("/_vwt/processes"):
        if process["kind"] == "training":
            name = Path(f"/proc/{process['pid']}/comm")
            e.wait_until(lambda name=name: name.read_text() == "train\n")  # type: ignore[misc]
            os.kill(process["pid"], signal.SIGSTOP)
    score = e.invoke(first, "kept")
    snapshot = tmp_path / "snapshot.jsonl"
    endpoint, training = '"EndpointStatus": "InService"', '"SecondaryStatus": "Training"'
    saved = (endpoint, training, "ProcessingStartTime", "cut-tuning-001-", execution)
    e.wait_until(lambda: all(part in snapshot.read_text() for part in saved), retry=FileNotFoundError)
    first.stop(signal.SIGKILL)
    e.wait_until(lambda: not any(e.is_alive(pid) for pid in (zygote, *children)))

    # A damaged newest snapshot must not keep the emulator from starting.
    snapshot.replace(tmp_path / "snapshot.previous.jsonl")
    snapshot.write_text("half a snap")
    second = e.Emulator(tmp_path, "--no-auth")
    assert e.invoke(second, "kept") == score
    job = second.client("sagemaker").describe_training_job(TrainingJobName="cut")
    assert job["TrainingJobStatus"] == "Failed"
    assert "the emulator stopped" in job["FailureReason"]
    assert "the emulator stopped" in test_processing.described(second, "cut")["FailureReason"]
    tuned = test_tuning.described(second, "cut-tuning")
    assert "the emulator stopped" in tuned["FailureReason"]
    assert (tuned["HyperParameterTuningJobStatus"], tuned["TrainingJobStatusCounters"]["RetryableError"]) == (
        "Failed",
        1,
    )
    assert not any((tmp_path / kind / "cut").exists() for kind in ("training", "processing"))
    assert second.client("stepfunctions").describe_execution(executionArn=execution)["error"] == "Emulator.Stopped"

    # Without its zygote it starts programs by itself.
    (pid,) = second.pids("endpoint", "kept")
    os.kill(parent_of(pid), signal.SIGKILL)
    e.wait_until(lambda: second.pids("endpoint", "kept") not in ([], [pid]))
    (pid,) = second.pids("endpoint", "kept")
    assert parent_of(pid) == second.pid
    e.wait_until(lambda: e.invoke(second, "kept") == score, retry=ClientError)
    assert second.stop() == 0
    assert not e.is_alive(pid)


# Puts an item for each message, as an SDK would that needs no credentials.
STORING = """
exports.handler = async ({ Records }) => {
  for (const { body } of Records) {
    const answer = await fetch(process.env.AWS_ENDPOINT_URL, {
      method: "POST",
      headers: { "x-amz-target": "DynamoDB_20120810.PutItem", "content-type": "application/x-amz-json-1.0",
        authorization: "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-1/dynamodb/aws4_request" },
      body: JSON.stringify({ TableName: "worked-off", Item: { k: { S: body } } }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }
};
"""


def work_off(emulator: e.Emulator) -> None:
    """Maps a function to a queue, which puts an item into a table for each message."""
    emulator.client("sqs").create_queue(QueueName="worked-off")
    emulator.client("dynamodb").create_table(
        TableName="worked-off",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    functions.create(emulator, "storing", STORING)
    queue = f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:worked-off"
    emulator.client("lambda").create_event_source_mapping(FunctionName="storing", EventSourceArn=queue)


def worked_off(emulator: e.Emulator) -> int:
    count: int = emulator.client("dynamodb").scan(TableName="worked-off", Select="COUNT")["Count"]
    return count


def send_a_hundred(emulator: e.Emulator) -> None:
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName="worked-off")["QueueUrl"]
    for start in range(0, 100, 10):
        entries = [{"Id": str(n), "MessageBody": str(start + n)} for n in range(10)]
        assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 10


BUS = f"arn:aws:events:{e.REGION}:{e.ACCOUNT}:event-bus/kept"


def put_queue_table_and_bus(emulator: e.Emulator) -> None:
    emulator.client("sqs").create_queue(QueueName="kept")
    location = {"LocationConstraint": e.REGION}
    emulator.client("s3").create_bucket(
        Bucket="kept", ObjectLockEnabledForBucket=True, CreateBucketConfiguration=location
    )
    emulator.client("dynamodb").create_table(
        TableName="kept",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    events = emulator.client("events")
    events.create_event_bus(Name="kept")
    events.create_archive(ArchiveName="kept", EventSourceArn=BUS)
    events.put_rule(Name="kept", EventBusName="kept", EventPattern='{"source":["s"]}')
    target = {"Id": "t", "Arn": f"arn:aws:sqs:{e.REGION}:{e.ACCOUNT}:kept"}
    events.put_targets(Rule="kept", EventBusName="kept", Targets=[target])


def receipt_of_one(emulator: e.Emulator) -> str:
    """Puts three messages, of which one is an event, deletes one and receives another; writes an item, too."""
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
    for body in ("gone", "received"):
        sqs.send_message(QueueUrl=url, MessageBody=body)
    entry = {"EventBusName": "kept", "Source": "s", "DetailType": "d", "Detail": '{"kept":true}'}
    assert emulator.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    (gone,) = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=gone["ReceiptHandle"])
    (received,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": "2100-01-01T00:00:00Z"}
    emulator.client("s3").put_object(Bucket="kept", Key="head", Body=b"1", **lock)
    put = {"Put": {"TableName": "kept", "Item": {"k": {"S": "1"}}}}
    emulator.client("dynamodb").transact_write_items(TransactItems=[put])
    receipt: str = received["ReceiptHandle"]
    return receipt


def check_what_is_held(emulator: e.Emulator, receipt: str) -> None:
    sqs = emulator.client("sqs")
    url = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
    (event,) = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert json.loads(event["Body"])["detail"] == {"kept": True}
    # Whoever has received it can still say that it is done.
    sqs.delete_message(QueueUrl=url, ReceiptHandle=receipt)
    assert emulator.client("dynamodb").get_item(TableName="kept", Key={"k": {"S": "1"}})["Item"] == {"k": {"S": "1"}}
    s3 = emulator.client("s3")
    version = s3.head_object(Bucket="kept", Key="head")["VersionId"]
    code, _ = e.error_of(lambda: s3.delete_object(Bucket="kept", Key="head", VersionId=version))
    assert code == "AccessDenied"
    events = emulator.client("events")
    events.start_replay(
        ReplayName="kept",
        EventSourceArn=f"arn:aws:events:{e.REGION}:{e.ACCOUNT}:archive/kept",
        EventStartTime=0,
        EventEndTime=2**31,
        Destination={"Arn": BUS},
    )
    e.wait_until(lambda: "Messages" in sqs.receive_message(QueueUrl=url))


def test_what_is_accepted_is_kept_before_it_is_answered(tmp_path: Path) -> None:
    first = e.Emulator(tmp_path, "--no-auth")
    states = first.client("stepfunctions")
    role = e.role(first, "any", "states.amazonaws.com")
    definition = json.dumps({"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 600, "End": True}}})
    put_queue_table_and_bus(first)
    work_off(first)
    machine = states.create_state_machine(name="long", definition=definition, roleArn=role)["stateMachineArn"]
    e.wait_until(lambda: machine in (tmp_path / "snapshot.jsonl").read_text(), retry=FileNotFoundError)
    execution = states.start_execution(stateMachineArn=machine, input='{"n": 1}')["executionArn"]
    held = receipt_of_one(first)
    send_a_hundred(first)
    e.wait_until(lambda: worked_off(first))
    first.stop(signal.SIGKILL)

    second = e.Emulator(tmp_path, "--no-auth")
    check_what_is_held(second, held)
    # What the function was working on comes again, at once.
    e.wait_until(lambda: worked_off(second) == 100)
    described = second.client("stepfunctions").describe_execution(executionArn=execution)
    kept = {member: described[member] for member in ("status", "error", "input")}
    assert kept == {"status": "FAILED", "error": "Emulator.Stopped", "input": '{"n": 1}'}
    # A snapshot takes it over.
    e.wait_until(lambda: not list((tmp_path / "executions").iterdir()))
    assert execution in (tmp_path / "snapshot.jsonl").read_text()
    second.stop()
    assert not list((tmp_path / "journal").iterdir())


BUSY_FUNCTION = "setInterval(() => {}, 1000); exports.handler = async () => process.pid;"


def test_functions_end_with_the_emulator(tmp_path: Path) -> None:
    emulator = e.Emulator(tmp_path, "--auth")
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.js", BUSY_FUNCTION)
    functions = emulator.client("lambda")
    functions.create_function(
        FunctionName="busy",
        Runtime="nodejs22.x",
        Handler="index.handler",
        Role=e.role(emulator, "busy", "lambda.amazonaws.com"),
        Code={"ZipFile": code.getvalue()},
    )
    pid = json.load(functions.invoke(FunctionName="busy")["Payload"])
    assert e.is_alive(pid)
    emulator.stop(signal.SIGKILL)
    e.wait_until(lambda: not e.is_alive(pid))


def start_to_fail(*arguments: str) -> tuple[int, str]:
    run = subprocess.run(
        [sys.executable, "-m", "vwt_local", *e.CONTAINERS, *arguments],
        env={**os.environ, "PYTHONPATH": str(e.REPOSITORY / "local")},
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stderr


def test_says_why_it_does_not_start(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        code, message = start_to_fail("--port", port, "--state-dir", str(tmp_path))
    assert (code, port in message) == (3, True)
    (tmp_path / "file").touch()
    code, message = start_to_fail("--port", "0", "--state-dir", str(tmp_path / "file"))
    assert (code, "cannot be used" in message) == (5, True)
