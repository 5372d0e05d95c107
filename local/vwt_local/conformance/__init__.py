"""What AWS refuses, refused here: requests against the service models, and the documented rules that no model holds."""
