from __future__ import annotations

import emulator as e

TARGET = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": "endpoint/risk/variant/AllTraffic",
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}


def test_targets_and_policies_come_and_go(emulator: e.Emulator) -> None:
    scaling = emulator.client("application-autoscaling")
    assert e.error_of(lambda: scaling.put_scaling_policy(PolicyName="p", **TARGET))[0] == "ObjectNotFoundException"
    arn = scaling.register_scalable_target(**TARGET, MinCapacity=1, MaxCapacity=2, Tags={"a": "b"})["ScalableTargetARN"]
    scaling.register_scalable_target(**TARGET, MaxCapacity=4)
    scaling.put_scaling_policy(PolicyName="p", PolicyType="TargetTrackingScaling", **TARGET)
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 4)
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"a": "b"}
    assert len(scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"]) == 1
    scaling.deregister_scalable_target(**TARGET)
    assert scaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []


def test_an_api_key_with_an_empty_value_gets_one(emulator: e.Emulator) -> None:
    assert len(emulator.client("apigateway").create_api_key(name="k", value="")["value"]) >= 20
