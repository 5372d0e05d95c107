"""Evaluates a candidate and the model that serves on the same held-out rows. The results: EVALUATION.md."""
