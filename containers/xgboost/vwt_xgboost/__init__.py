"""XGBoost behind the SageMaker container contract: `train` and `serve`."""
