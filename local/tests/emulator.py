"""A real emulator in a process of its own, and what tests build in it."""

from __future__ import annotations

import functools
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

import samples

REPOSITORY = Path(__file__).parents[2]
REGION = "eu-west-1"
ACCOUNT = "000000000000"
IMAGE = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.0-5"
BUCKET = "models"
CONTAINERS = ("--containers", str(REPOSITORY / "containers" / "images.json"))
# Against what hangs, in seconds. How fast a machine is must not decide whether a test passes.
_PATIENCE = 300

# One for all clients, because it reads AWS's models once.
session = botocore.session.get_session()


class Emulator:
    """Starts `python -m vwt_local` on a free port."""

    def __init__(self, state: Path, *options: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "vwt_local", "--port", "0", "--state-dir", str(state), *CONTAINERS, *options],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY / "local")},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout
        self._state = state
        self.url = self._process.stdout.readline().split(" ")[1].rstrip(",")
        wait_until(lambda: self.get("/_vwt/health")["status"] == "ready", retry=OSError)

    @functools.cached_property
    def token(self) -> str:
        """The secret with which it lets itself be asked, which is the root user's too."""
        return (self._state / "token").read_text()

    @property
    def pid(self) -> int:
        return self._process.pid

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def put(self, path: str, body: object) -> Any:
        return self._ask("PUT", path, json.dumps(body).encode())

    def delete(self, path: str) -> Any:
        return self._ask("DELETE", path)

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        request = urllib.request.Request(self.url + path, body, {"x-vwt-token": self.token}, method=method)
        with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:
            return json.load(answer)

    @functools.cache  # noqa: B019  # making a client takes as long as many calls; the emulators are few
    def client(self, service: str, key: str = "test", secret: str | None = None) -> Any:
        return session.create_client(
            service,
            region_name=REGION,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key=secret or self.token,
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    def pids(self, kind: str, name: str) -> list[int]:
        return [p["pid"] for p in self.get("/_vwt/processes") if (p["kind"], p["name"]) == (kind, name)]

    def caught(self, kind: str, name: str) -> int:
        """Returns the process of a container whose program is held, once it has stopped."""
        wait_until(lambda: self.pids(kind, name))
        (pid,) = self.pids(kind, name)
        wait_until(lambda: Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T")
        return pid

    def stop(self, with_signal: int = signal.SIGTERM) -> int:
        self._process.send_signal(with_signal)
        return self._process.wait(_PATIENCE)


def wait_until(condition: Callable[[], object], retry: type[Exception] = ()) -> None:
    """Polls until the condition holds; an exception of type `retry` counts as not yet."""
    deadline = time.monotonic() + _PATIENCE
    pause = 0.01
    while time.monotonic() < deadline:
        try:
            if condition():
                return
        except retry:
            pass
        time.sleep(pause)
        # What takes long is asked for less often: asking costs more than what it waits for.
        pause = min(1.2 * pause, 0.2)
    raise AssertionError("The condition did not come true in time.")


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def error_of(call: Callable[[], object]) -> tuple[str, str]:
    """Returns code and message of the error that a call must end in."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    raise AssertionError("The call succeeded.")


def service_policy(resource: str, service: str, *actions: str) -> str:
    """Returns a resource's policy that lets a service do something."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": actions, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def role(emulator: Emulator, name: str, service: str, *allowed: tuple[str, str]) -> str:
    """Makes a role that a service may assume, allowed some actions on some resources; returns its ARN."""
    iam = emulator.client("iam")
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn: str = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=policy)
    return arn


def ml_grants(*without: str) -> list[tuple[str, str]]:
    """Returns the least that the SageMaker guide (sagemaker-roles) gives a role that trains, processes and serves."""
    repositories = f"arn:aws:ecr:{REGION}:*:repository/*"
    grants = [
        ("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"),
        ("s3:GetObject", f"arn:aws:s3:::{BUCKET}/*"),
        ("s3:PutObject", f"arn:aws:s3:::{BUCKET}/*"),
        ("ecr:GetAuthorizationToken", "*"),
        ("ecr:BatchCheckLayerAvailability", repositories),
        ("ecr:GetDownloadUrlForLayer", repositories),
        ("ecr:BatchGetImage", repositories),
        *(
            (f"logs:{action}", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/sagemaker/*")
            for action in ("CreateLogGroup", "CreateLogStream", "PutLogEvents", "DescribeLogStreams")
        ),
        ("cloudwatch:PutMetricData", "*"),
    ]
    return [grant for grant in grants if grant[0] not in without]


# Where to say which programs stop as they start.
HELD = "/_vwt/held"

# Of a model that can be served, and fails at every request.
FAILING = {"SAGEMAKER_INFERENCE_OUTPUT": "none"}


def put_model(emulator: Emulator, name: str, artefact: bytes, role_arn: str, **environment: str) -> None:
    """Uploads an artefact and makes a model and an endpoint configuration of it, all of one name."""
    emulator.client("s3").put_object(Bucket=BUCKET, Key=f"{name}.tar.gz", Body=artefact)
    sagemaker = emulator.client("sagemaker")
    sagemaker.create_model(
        ModelName=name,
        ExecutionRoleArn=role_arn,
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/{name}.tar.gz", "Environment": environment},
    )
    variant = {
        "VariantName": "AllTraffic",
        "ModelName": name,
        "InstanceType": "ml.t2.medium",
        "InitialInstanceCount": 1,
    }
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])


def status_of(emulator: Emulator, endpoint: str) -> str:
    status: str = emulator.client("sagemaker").describe_endpoint(EndpointName=endpoint)["EndpointStatus"]
    return status


def invoke(emulator: Emulator, endpoint: str, body: str = "1,2,3,4") -> str:
    runtime = emulator.client("sagemaker-runtime")
    answer = runtime.invoke_endpoint(EndpointName=endpoint, ContentType="text/csv", Body=body)
    text: str = answer["Body"].read().decode()
    return text


def training_request(name: str, role_arn: str, **changes: Any) -> dict[str, Any]:
    """Returns a CreateTrainingJob request whose input is `<name>/train/` and `<name>/validation/`."""
    channels = [
        {
            "ChannelName": channel,
            "ContentType": "text/csv",
            "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{BUCKET}/{name}/{channel}/"}},
        }
        for channel in ("train", "validation")
    ]
    return {
        "TrainingJobName": name,
        "RoleArn": role_arn,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "HyperParameters": {"objective": "binary:logistic", "num_round": "5", "eval_metric": "auc"},
        "InputDataConfig": channels,
        "OutputDataConfig": {"S3OutputPath": f"s3://{BUCKET}/{name}/output"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5},
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        **changes,
    }


def own_image(emulator: Emulator, name: str) -> dict[str, Any]:
    """Returns the change that makes a training request one for an image of our own, in a repository of that name."""
    emulator.client("ecr").create_repository(repositoryName=name)
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{name}:1"
    return {"AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}}


def put_training_data(emulator: Emulator, name: str, train: str | None = None) -> None:
    s3 = emulator.client("s3")
    s3.put_object(Bucket=BUCKET, Key=f"{name}/train/part.csv", Body=train or samples.csv())
    s3.put_object(Bucket=BUCKET, Key=f"{name}/validation/part.csv", Body=samples.csv(seed=1))


def messages(emulator: Emulator, group: str, prefix: str) -> list[str]:
    """Returns what the streams of a log group hold whose names start with `prefix`."""
    logs = emulator.client("logs")
    streams = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=prefix)["logStreams"]
    # By name, because MiniStack's FilterLogEvents does not look at a prefix.
    names = [stream["logStreamName"] for stream in streams]
    events = logs.filter_log_events(logGroupName=group, logStreamNames=names)["events"]
    return [event["message"] for event in events]


def finished_job(emulator: Emulator, name: str) -> dict[str, Any]:
    sagemaker = emulator.client("sagemaker")

    def job() -> dict[str, Any]:
        described: dict[str, Any] = sagemaker.describe_training_job(TrainingJobName=name)
        return described

    wait_until(lambda: job()["TrainingJobStatus"] in ("Completed", "Failed", "Stopped"))
    return job()
