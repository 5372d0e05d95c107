"""The evaluation and the labelling as processing jobs of a state machine."""

from __future__ import annotations

import json
from typing import Any

import emulator as e
import test_evaluate
import test_label
import test_processing
from evaluation_inputs import SOURCES, files
from test_states import run


def upload_program(emulator: e.Emulator, prefix: str) -> None:
    for name, path in SOURCES.items():
        emulator.client("s3").put_object(Bucket=e.BUCKET, Key=f"{prefix}/{name}", Body=path.read_bytes())


def evaluation(name: str, role_arn: str) -> dict[str, Any]:
    """Returns the request as the state machine sends it."""
    places = {
        "code": "code/",
        **{kind: f"{kind}/" for kind in ("test", "validation", "context")},
        **{model: f"{model}/model.tar.gz" for model in ("candidate", "champion")},
    }
    inputs = [
        {
            "InputName": place,
            "S3Input": {
                "S3Uri": f"s3://{e.BUCKET}/{name}/{key}",
                "LocalPath": f"/opt/ml/processing/{place}",
                "S3DataType": "S3Prefix",
                "S3InputMode": "File",
            },
        }
        for place, key in places.items()
    ]
    application = {
        "ImageUri": e.IMAGE,
        "ContainerEntrypoint": ["python3", "/opt/ml/processing/code/evaluate.py"],
        "ContainerArguments": ["--task", "binary", "--age-feature", "0", *test_evaluate.ARGUMENTS],
    }
    return test_processing.request(name, role_arn, ProcessingInputs=inputs, AppSpecification=application)


def test_the_evaluation_runs_as_a_job(emulator: e.Emulator, ml_role: str) -> None:
    s3 = emulator.client("s3")
    upload_program(emulator, "evaluation/code")
    for path, content in files("binary").items():
        s3.put_object(Bucket=e.BUCKET, Key=f"evaluation/{path}", Body=content)
    state = {
        "Type": "Task",
        "Resource": test_processing.PROCESSING,
        "Arguments": evaluation("evaluation", ml_role),
        "End": True,
    }
    answer = run(emulator, "evaluator", {"Evaluate": state}, *test_processing.grants(ml_role))
    assert answer["status"] == "SUCCEEDED", answer
    found = json.load(s3.get_object(Bucket=e.BUCKET, Key="evaluation/out/evaluation.json")["Body"])
    assert 0.6 < found["candidate"]["metrics"]["auroc"]["value"] < 1
    page = s3.get_object(Bucket=e.BUCKET, Key="evaluation/out/report.html")["Body"].read()
    assert page.startswith(b"<!DOCTYPE html>")


def test_the_labelling_runs_as_a_job_with_three_outputs(emulator: e.Emulator, ml_role: str) -> None:
    s3 = emulator.client("s3")
    upload_program(emulator, "labelling/code")
    contents, _, _ = test_label.inputs(0)
    for path, content in contents.items():
        s3.put_object(Bucket=e.BUCKET, Key=f"labelling/{path}", Body=content)
    places = {"code": "code/", "validation": "validation/", "unlabelled": "unlabelled/", "model": "model/model.tar.gz"}
    request = test_processing.request(
        "labelling",
        ml_role,
        AppSpecification={
            "ImageUri": e.IMAGE,
            "ContainerEntrypoint": ["python3", "/opt/ml/processing/code/label.py"],
            "ContainerArguments": [*test_label.ARGUMENTS, "--maximum-people", "25"],
        },
        ProcessingInputs=[
            {
                "InputName": place,
                "S3Input": {
                    "S3Uri": f"s3://{e.BUCKET}/labelling/{key}",
                    "LocalPath": f"/opt/ml/processing/{place}",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
            for place, key in places.items()
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {
                    "OutputName": name,
                    "S3Output": {
                        "S3Uri": f"s3://{e.BUCKET}/labelled/{name}",
                        "LocalPath": f"/opt/ml/processing/output/{name}",
                        "S3UploadMode": "EndOfJob",
                    },
                }
                for name in ("train", "people", "report")
            ]
        },
    )
    state = {"Type": "Task", "Resource": test_processing.PROCESSING, "Arguments": request, "End": True}
    answer = run(emulator, "labeller", {"Label": state}, *test_processing.grants(ml_role))
    assert answer["status"] == "SUCCEEDED", answer
    keys = [found["Key"] for found in s3.list_objects_v2(Bucket=e.BUCKET, Prefix="labelled/")["Contents"]]
    expected = ["people/part-0.jsonl", "report/automatic.json", "train/automatic-0.csv"]
    assert keys == [f"labelled/{name}" for name in expected]
    report = json.load(s3.get_object(Bucket=e.BUCKET, Key="labelled/report/automatic.json")["Body"])
    assert report["toPeople"] == 25
