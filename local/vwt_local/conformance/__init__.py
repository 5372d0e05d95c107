"""Refuses what AWS refuses: by the service models, and by the documented rules that no model holds."""
