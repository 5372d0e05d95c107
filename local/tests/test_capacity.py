from __future__ import annotations

import json
import urllib.error
from collections.abc import Iterator

import pytest

import emulator as e
import samples
import test_processing
import test_training
from test_states import run, train_state, training_grants

CAPACITY = "/_vwt/capacity"
UNAVAILABLE = (
    "CapacityError: Unable to provision requested ML compute capacity. Please retry using a different ML instance type."
)


@pytest.fixture
def scarce(emulator: e.Emulator) -> Iterator[e.Emulator]:
    """Returns the emulator, whose limits are lifted afterwards."""
    yield emulator
    assert emulator.put(CAPACITY, {}) == {}


def test_a_job_without_instances_fails(scarce: e.Emulator, ml_role: str) -> None:
    assert scarce.put(CAPACITY, {"ml.m5.large": 0}) == scarce.get(CAPACITY) == {"ml.m5.large": 0}
    test_training.start(scarce, "no-instance", ml_role)
    job = e.finished_job(scarce, "no-instance")
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Failed", "Failed")
    assert job["FailureReason"] == UNAVAILABLE
    test_processing.start(scarce, "p-no-instance", ml_role)
    assert test_processing.finished(scarce, "p-no-instance")["FailureReason"] == UNAVAILABLE


def test_fewer_instances_or_another_type_are_there(scarce: e.Emulator, ml_role: str) -> None:
    scarce.put(CAPACITY, {"ml.m5.large": 1, "ml.m5.xlarge": 0})
    e.put_training_data(scarce, "one-instance")
    test_training.start(scarce, "one-instance", ml_role)
    two = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}
    test_training.start(scarce, "two-instances", ml_role, ResourceConfig=two)
    assert e.finished_job(scarce, "one-instance")["TrainingJobStatus"] == "Completed"
    assert e.finished_job(scarce, "two-instances")["FailureReason"] == UNAVAILABLE


def test_a_new_endpoint_without_instances_fails_and_can_be_made_again(scarce: e.Emulator, ml_role: str) -> None:
    sagemaker = scarce.client("sagemaker")
    e.put_model(scarce, "scarce", samples.archive(samples.booster()), ml_role)
    scarce.put(CAPACITY, {"endpoint/ml.t2.medium": 0})
    sagemaker.create_endpoint(EndpointName="scarce", EndpointConfigName="scarce")
    failed = sagemaker.describe_endpoint(EndpointName="scarce")
    assert (failed["EndpointStatus"], failed["FailureReason"]) == ("Failed", UNAVAILABLE)
    scarce.put(CAPACITY, {})
    sagemaker.delete_endpoint(EndpointName="scarce")
    sagemaker.create_endpoint(EndpointName="scarce", EndpointConfigName="scarce")
    e.wait_until(lambda: e.status_of(scarce, "scarce") == "InService")
    sagemaker.delete_endpoint(EndpointName="scarce")


def test_a_quota_of_none_refuses_the_job(scarce: e.Emulator, ml_role: str) -> None:
    scarce.put(CAPACITY, {"ml.m5.large": "quota"})
    code, message = e.error_of(lambda: test_training.start(scarce, "no-quota", ml_role))
    assert code == "ResourceLimitExceeded"
    assert "'ml.m5.large for training job usage' is 0 Instances" in message
    code, message = e.error_of(lambda: test_processing.start(scarce, "p-no-quota", ml_role))
    assert "'ml.m5.large for processing job usage' is 0 Instances" in message
    refused = run(scarce, "no-quota", {"Train": train_state("no-quota", ml_role)}, *training_grants(ml_role))
    assert refused["error"] == "SageMaker.ResourceLimitExceededException"
    code, _ = e.error_of(lambda: scarce.client("sagemaker").describe_training_job(TrainingJobName="no-quota"))
    assert code == "ValidationException"


@pytest.mark.parametrize("wrong", [[], {"ml.m5.large": -1}, {"ml.m5.large": "none"}, {"ml.m5.large": True}])
def test_refuses_other_limits(scarce: e.Emulator, wrong: object) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        scarce.put(CAPACITY, wrong)
    assert caught.value.code == 400
    assert "quota" in json.load(caught.value)["message"]
