import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import type { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";

/** Makes a log group under the environment's key, with the retention of its configuration. */
export function logGroup(scope: Construct, id: string, name: string): CloudwatchLogGroup {
  const { key, logs } = BaseStack.of(scope);
  return new CloudwatchLogGroup(scope, id, { name, retentionInDays: logs.retentionInDays, kmsKeyId: key.arn });
}
