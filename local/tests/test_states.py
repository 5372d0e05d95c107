from __future__ import annotations

import json
from typing import Any

import emulator as e
import samples
from test_training import LONG

TRAINING = "arn:aws:states:::sagemaker:createTrainingJob.sync"
SAGEMAKER = f"arn:aws:sagemaker:{e.REGION}:{e.ACCOUNT}"


def started(
    emulator: e.Emulator, name: str, states: dict[str, Any], *allowed: tuple[str, str], given: Any = None
) -> str:
    """Starts a JSONata state machine, whose first state is the first, under a role allowed just that."""
    arn = f"arn:aws:states:{e.REGION}:{e.ACCOUNT}:stateMachine:{name}"
    role = e.role(emulator, f"{name}-states", "states.amazonaws.com", *allowed)
    definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(states)), "States": states}
    client = emulator.client("stepfunctions")
    client.create_state_machine(name=name, definition=json.dumps(definition), roleArn=role)
    execution: str = client.start_execution(stateMachineArn=arn, input=json.dumps(given or {}))["executionArn"]
    return execution


def run(
    emulator: e.Emulator, name: str, states: dict[str, Any], *allowed: tuple[str, str], given: Any = None
) -> dict[str, Any]:
    """Starts a state machine and waits for its end."""
    execution = started(emulator, name, states, *allowed, given=given)
    client = emulator.client("stepfunctions")

    def described() -> dict[str, Any]:
        answer: dict[str, Any] = client.describe_execution(executionArn=execution)
        return answer

    e.wait_until(lambda: described()["status"] != "RUNNING")
    return described()


def own(name: str) -> tuple[str, str]:
    """Returns the permission to run child executions of itself."""
    return "states:StartExecution", f"arn:aws:states:{e.REGION}:{e.ACCOUNT}:stateMachine:{name}"


def train_state(job: str, role_arn: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": TRAINING, "Arguments": e.training_request(job, role_arn), "End": True}


def training_grants(role_arn: str) -> list[tuple[str, str]]:
    rule = f"arn:aws:events:{e.REGION}:{e.ACCOUNT}:rule/StepFunctionsGetEventsForSageMakerTrainingJobsRule"
    return [("sagemaker:*TrainingJob", f"{SAGEMAKER}:training-job/*"), ("events:*", rule), ("iam:PassRole", role_arn)]


def test_distributed_map_reads_batches_and_writes(emulator: e.Emulator) -> None:
    s3 = emulator.client("s3")
    s3.put_object(Bucket=e.BUCKET, Key="map/items.json", Body=json.dumps([{"n": n} for n in range(5)]))
    item = {"n": "{% $states.context.Map.Item.Value.n %}", "i": "{% $states.context.Map.Item.Index %}", "f": "{% $f %}"}
    states = {
        "Prepare": {"Type": "Pass", "Assign": {"f": 10, "prefix": "map/"}, "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:getObject",
                "ReaderConfig": {"InputType": "JSON"},
                "Arguments": {"Bucket": e.BUCKET, "Key": "{% $prefix & 'items.json' %}"},
            },
            "ItemSelector": item,
            "ItemBatcher": {"MaxItemsPerBatch": 2},
            "MaxConcurrency": 2,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Sum",
                "States": {
                    "Sum": {
                        "Type": "Pass",
                        "Assign": {"own": "{% $sum($states.input.Items.(n * f)) %}"},
                        "Next": "Answer",
                    },
                    "Answer": {"Type": "Pass", "Output": {"sum": "{% $own %}"}, "End": True},
                },
            },
            "ResultWriter": {
                "Resource": "arn:aws:states:::s3:putObject",
                "Arguments": {"Bucket": e.BUCKET, "Prefix": "map/results"},
                "WriterConfig": {"Transformation": "COMPACT", "OutputType": "JSON"},
            },
            "Assign": {"written": "{% $states.result.ResultWriterDetails.Key %}"},
            "Next": "Done",
        },
        "Done": {"Type": "Pass", "Output": "{% $written %}", "End": True},
    }
    objects = f"arn:aws:s3:::{e.BUCKET}/map/*"
    answer = run(emulator, "mapper", states, own("mapper"), ("s3:GetObject", objects), ("s3:PutObject", objects))
    assert answer["status"] == "SUCCEEDED", answer
    manifest = json.load(s3.get_object(Bucket=e.BUCKET, Key=json.loads(answer["output"]))["Body"])
    (results,) = manifest["ResultFiles"]["SUCCEEDED"]
    assert json.load(s3.get_object(Bucket=e.BUCKET, Key=results["Key"])["Body"]) == [
        {"sum": 10},
        {"sum": 50},
        {"sum": 40},
    ]


def failing_map(**fields: Any) -> dict[str, Any]:
    """Returns a Map over four items of which the item 3 fails."""
    return {
        "Each": {
            "Type": "Map",
            "Items": "{% [1, 2, 3, 4] %}",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Three?",
                "States": {
                    "Three?": {
                        "Type": "Choice",
                        "Choices": [{"Condition": "{% $states.input = 3 %}", "Next": "Fails"}],
                        "Default": "Fine",
                    },
                    "Fails": {"Type": "Fail", "Error": "Three", "Cause": "three"},
                    "Fine": {"Type": "Pass", "End": True},
                },
            },
            "End": True,
            **fields,
        },
        "Caught": {"Type": "Pass", "End": True},
    }


def test_tolerated_and_caught_failures(emulator: e.Emulator) -> None:
    tolerated = run(emulator, "tolerant", failing_map(ToleratedFailurePercentage=25), own("tolerant"))
    assert json.loads(tolerated["output"]) == [1, 2, 4]
    catch = [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput.Error %}", "Next": "Caught"}]
    caught = run(emulator, "strict", failing_map(Catch=catch), own("strict"))
    assert json.loads(caught["output"]) == "States.ExceedToleratedFailureThreshold"


def test_a_map_refuses_items_and_results_that_no_state_may_hold(emulator: e.Emulator) -> None:
    # With its quotes each text has 3,000 bytes of two-byte letters; 87 of them and their commas are below the limit.
    text = "é" * 1499
    for name, items, expected in (
        ("small", [[text] * 87], "SUCCEEDED"),
        ("large-item", [[text] * 88], "States.DataLimitExceeded"),
        ("large-result", [[text]] * 88, "States.DataLimitExceeded"),
    ):
        key = f"map/{name}.json"
        emulator.client("s3").put_object(Bucket=e.BUCKET, Key=key, Body=json.dumps(items))
        reader = {
            "Resource": "arn:aws:states:::s3:getObject",
            "ReaderConfig": {"InputType": "JSON"},
            "Arguments": {"Bucket": e.BUCKET, "Key": key},
        }
        processor = {
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
            "StartAt": "Same",
            "States": {"Same": {"Type": "Pass", "End": True}},
        }
        each = {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "Output": {}, "End": True}
        answer = run(emulator, name, {"Each": each}, own(name), ("s3:GetObject", f"arn:aws:s3:::{e.BUCKET}/{key}"))
        assert answer.get("error", answer["status"]) == expected, answer


def test_parallel_branches_have_variables_of_their_own(emulator: e.Emulator) -> None:
    def branch(value: int) -> dict[str, Any]:
        states = {
            "Set": {"Type": "Pass", "Assign": {"own": value}, "Next": "Get"},
            "Get": {"Type": "Pass", "Output": "{% $own + $states.input %}", "End": True},
        }
        return {"StartAt": "Set", "States": states}

    both = {
        "Type": "Parallel",
        "Arguments": "{% $states.input.base %}",
        "Branches": [branch(1), branch(2)],
        "Output": "{% $sum($states.result) %}",
        "End": True,
    }
    assert json.loads(run(emulator, "parallel", {"Both": both}, given={"base": 10})["output"]) == 23


def test_follows_a_training_job(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "sfn-good")
    states = {
        "Train": {
            **train_state("sfn-good", ml_role),
            "Assign": {"artefact": "{% $states.result.ModelArtifacts.S3ModelArtifacts %}"},
            "Next": "Describe",
        },
        "Describe": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sagemaker:describeTrainingJob",
            "Arguments": {"TrainingJobName": "sfn-good"},
            "Output": {"artefact": "{% $artefact %}", "status": "{% $states.result.TrainingJobStatus %}"},
            "Next": "Put",
        },
        "Put": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:ssm:putParameter",
            "Arguments": {"Name": "/vwt/x", "Type": "String", "Value": "{% $string($states.input) %}"},
            "End": True,
        },
    }
    del states["Train"]["End"]
    parameter = f"arn:aws:ssm:{e.REGION}:{e.ACCOUNT}:parameter/vwt/x"
    answer = run(emulator, "trainer", states, *training_grants(ml_role), ("ssm:PutParameter", parameter))
    assert answer["status"] == "SUCCEEDED", answer
    value = emulator.client("ssm").get_parameter(Name="/vwt/x")["Parameter"]["Value"]
    assert json.loads(value)["status"] == "Completed"


def test_failed_and_refused_training_jobs(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "sfn-bad", samples.csv(one_class=True))
    failed = run(emulator, "failer", {"Train": train_state("sfn-bad", ml_role)}, *training_grants(ml_role))
    assert failed["error"] == "States.TaskFailed"
    assert "base_score must be in (0,1)" in json.loads(failed["cause"])["FailureReason"]
    again = run(emulator, "again", {"Train": train_state("sfn-bad", ml_role)}, *training_grants(ml_role))
    assert again["error"] == "SageMaker.ResourceInUseException"


def test_stopping_the_execution_stops_the_job(emulator: e.Emulator, ml_role: str) -> None:
    e.put_training_data(emulator, "sfn-stop")
    state = train_state("sfn-stop", ml_role)
    state["Arguments"]["HyperParameters"] = LONG
    execution = started(emulator, "stopper", {"Train": state}, *training_grants(ml_role))
    e.wait_until(lambda: emulator.pids("training", "sfn-stop"))
    client = emulator.client("stepfunctions")
    client.stop_execution(executionArn=execution)
    assert e.finished_job(emulator, "sfn-stop")["TrainingJobStatus"] == "Stopped"
    assert client.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_the_state_machines_role_is_enforced(emulator: e.Emulator, ml_role: str) -> None:
    state = {"Train": train_state("sfn-denied", ml_role)}
    nothing = run(emulator, "nothing", state)
    assert nothing["error"] == "SageMaker.AccessDeniedException"
    assert "sagemaker:CreateTrainingJob" in nothing["cause"]
    no_pass = run(emulator, "no-pass", state, *training_grants(ml_role)[:2])
    assert "iam:PassRole" in no_pass["cause"]


def test_nothing_more_is_done_once_an_execution_is_stopped(emulator: e.Emulator) -> None:
    parameter = f"arn:aws:ssm:{e.REGION}:{e.ACCOUNT}:parameter/vwt/after-stop"
    after = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:ssm:putParameter",
        "Arguments": {"Name": "/vwt/after-stop", "Type": "String", "Value": "x"},
        "End": True,
    }
    wait = {"Type": "Wait", "Seconds": 1, "Next": "Put"}
    inner = {"Wait": wait, "Put": after}
    each = {
        "Type": "Map",
        "Items": [1],
        "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Wait", "States": inner},
        "End": True,
    }
    execution = started(emulator, "halted", {"Each": each}, ("ssm:PutParameter", parameter))
    client = emulator.client("stepfunctions")

    def waits() -> bool:
        events = client.get_execution_history(executionArn=execution)["events"]
        return any(event["type"] == "WaitStateEntered" for event in events)

    e.wait_until(waits)
    client.stop_execution(executionArn=execution)
    # One that begins to wait later does what the other would have done before it.
    arguments = {**after["Arguments"], "Name": "/vwt/not-stopped"}
    later = {"Wait": wait, "Put": {**after, "Arguments": arguments}}
    allowed = ("ssm:PutParameter", parameter.replace("after-stop", "not-stopped"))
    assert run(emulator, "not-halted", later, allowed)["status"] == "SUCCEEDED"
    assert "ParameterNotFound" in e.error_of(lambda: emulator.client("ssm").get_parameter(Name="/vwt/after-stop"))[0]
    assert client.describe_execution(executionArn=execution)["status"] == "ABORTED"
