"""Step Functions: SageMaker's integrations, the state machine's role, and JSONata in Map and Parallel states."""
