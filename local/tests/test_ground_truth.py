from __future__ import annotations

import emulator as e
from test_states import SAGEMAKER, run

REFUSED = "Amazon SageMaker Ground Truth is not available to this account."


def test_is_not_available(emulator: e.Emulator, ml_role: str) -> None:
    sagemaker = emulator.client("sagemaker")
    job = {
        "LabelingJobName": "labels",
        "LabelAttributeName": "label",
        "InputConfig": {"DataSource": {"S3DataSource": {"ManifestS3Uri": f"s3://{e.BUCKET}/items.manifest"}}},
        "OutputConfig": {"S3OutputPath": f"s3://{e.BUCKET}/labels"},
        "RoleArn": ml_role,
        "HumanTaskConfig": {
            "WorkteamArn": f"{SAGEMAKER}:workteam/private-crowd/team",
            "UiConfig": {"UiTemplateS3Uri": f"s3://{e.BUCKET}/template.html"},
            "TaskTitle": "Label",
            "TaskDescription": "Label",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 60,
        },
    }
    for call in (
        lambda: sagemaker.describe_workteam(WorkteamName="team"),
        lambda: sagemaker.list_labeling_jobs(),
        lambda: sagemaker.create_labeling_job(**job),
    ):
        assert e.error_of(call) == ("AccessDeniedException", REFUSED)
    assert e.error_of(lambda: sagemaker.create_labeling_job(**{**job, "LabelingJobName": "-"}))[0] == (
        "ValidationException"
    )


def test_a_state_machine_can_tell(emulator: e.Emulator) -> None:
    state = {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:sagemaker:describeWorkteam",
        "Arguments": {"WorkteamName": "Team"},
        "End": True,
    }
    denied = run(emulator, "no-team", {"Check": state})
    assert "sagemaker:DescribeWorkteam" in denied["cause"]
    grant = ("sagemaker:DescribeWorkteam", f"{SAGEMAKER}:workteam/private-crowd/team")
    refused = run(emulator, "team", {"Check": state}, grant)
    assert (refused["error"], REFUSED in refused["cause"]) == ("SageMaker.SageMakerException", True)
