"""CloudWatch alarms, of which MiniStack only compares the newest values of a metric, whatever their dimensions."""
