"""SageMaker: control plane, endpoints, training jobs and runtime."""
