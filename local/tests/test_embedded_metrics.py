from __future__ import annotations

import json
import time
from datetime import datetime, timezone
from typing import Any

import emulator as e
import functions
from vwt_local import embedded_metrics

# Written as Powertools does it, past the runtime's console.
MEASURE = """
const { Console } = require("node:console");
const out = new Console({ stdout: process.stdout, stderr: process.stderr });
exports.handler = async ({ values, model }) => {
  const metrics = [{ Name: "FeatureDrift", Unit: "None" }, { Name: "Rows", Unit: "Count" }];
  const directive = { Namespace: "VWT", Dimensions: [["service", "model"], ["model"]], Metrics: metrics };
  const _aws = { Timestamp: Date.now(), CloudWatchMetrics: [directive] };
  out.log(JSON.stringify({ _aws, service: "drift", model, FeatureDrift: values, Rows: 7 }));
};
"""


PAYLOAD = json.dumps({"values": [0.1, 0.3], "model": "measured"})


def line(**members: Any) -> str:
    directive = {"Namespace": "N", "Dimensions": [["a"]], "Metrics": [{"Name": "m", "Unit": "Count"}]}
    return json.dumps({"_aws": {"Timestamp": 2000, "CloudWatchMetrics": [directive]}, "a": "x", "m": 1, **members})


def test_reads_the_format() -> None:
    datum = embedded_metrics.Datum("N", "m", {"a": "x"}, 2.0, "Count", [1.0])
    assert list(embedded_metrics.read(line())) == [datum]
    assert list(embedded_metrics.read("2026-11-23T00:00:00Z\tid\tINFO\t" + line())) == [datum]
    assert next(embedded_metrics.read(line(m=[1, 2]))).values == [1.0, 2.0]
    directive = {"Namespace": "N", "Dimensions": [], "Metrics": [{"Name": "m"}]}
    bare = line(_aws={"Timestamp": 2000, "CloudWatchMetrics": [directive]})
    assert list(embedded_metrics.read(bare)) == [datum._replace(dimensions={}, unit="None")]


def test_passes_over_what_it_cannot_read() -> None:
    directive = {"Namespace": "N", "Dimensions": [["b"]], "Metrics": [{"Name": "m"}]}
    other = line(_aws={"Timestamp": 2000, "CloudWatchMetrics": [directive]})
    for message in ("text", '{"a": 1}', '{"_aws": ', '{"_aws": 1}', '{"_aws": {}}', line(m="1"), line(m=None), other):
        assert list(embedded_metrics.read(message)) == []


def test_a_functions_log_and_put_log_events_become_metrics(emulator: e.Emulator) -> None:
    functions.create(emulator, "measure", MEASURE)
    answer = emulator.client("lambda").invoke(FunctionName="measure", Payload=PAYLOAD)
    assert "FunctionError" not in answer
    logs = emulator.client("logs")
    logs.create_log_group(logGroupName="program")
    logs.create_log_stream(logGroupName="program", logStreamName="s")
    now = time.time()
    directive = {"Namespace": "VWT", "Dimensions": [["model"]], "Metrics": [{"Name": "Rows", "Unit": "Count"}]}
    message = line(_aws={"Timestamp": now * 1000, "CloudWatchMetrics": [directive]}, model="measured", Rows=5)
    event = {"timestamp": int(now * 1000), "message": message}
    logs.put_log_events(logGroupName="program", logStreamName="s", logEvents=[event])

    metrics = emulator.client("cloudwatch")
    span = {
        "StartTime": datetime.fromtimestamp(now - 120, timezone.utc),
        "EndTime": datetime.fromtimestamp(now + 120, timezone.utc),
    }
    dimensions = [{"Name": "service", "Value": "drift"}, {"Name": "model", "Value": "measured"}]

    def found() -> list[dict[str, Any]]:
        points: list[dict[str, Any]] = metrics.get_metric_statistics(
            Namespace="VWT",
            MetricName="FeatureDrift",
            Dimensions=dimensions,
            Period=3600,
            Statistics=["Maximum", "SampleCount"],
            **span,
        )["Datapoints"]
        return points

    e.wait_until(found)
    assert [(point["Maximum"], point["SampleCount"]) for point in found()] == [(0.3, 2.0)]
    metric = {"Namespace": "VWT", "MetricName": "Rows", "Dimensions": dimensions[1:]}
    query = {"Id": "rows", "MetricStat": {"Metric": metric, "Period": 3600, "Stat": "Sum"}}
    (result,) = metrics.get_metric_data(MetricDataQueries=[query], **span)["MetricDataResults"]
    assert sum(result["Values"]) == 12
