import { CloudwatchLogGroup } from "@cdktf/provider-aws/lib/cloudwatch-log-group";
import { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine";
import { Construct } from "constructs";
import type { Config } from "../../config";
import type { Namespace, Naming } from "../base/naming";
import { ServiceRole } from "../identity/iam";
import type { EncryptionKey } from "../storage/encryption-key";

export interface StateMachineProps {
  readonly config: Config;
  readonly naming: Naming;
  readonly key: EncryptionKey;
  readonly name: string;
  /** Amazon States Language. */
  readonly definition: object;
}

/** Of a state machine that may not exist yet: functions that it calls resume it, and other stacks start it. */
export const stateMachineArn = ({ region, accountId }: Namespace, naming: Naming, name: string): string =>
  `arn:aws:states:${region}:${accountId}:stateMachine:${naming.of("stateMachine", name)}`;

/** A standard state machine with its own role and log; the role may run its own Distributed Maps. */
export class StateMachine extends Construct {
  readonly arn: string;
  readonly role: ServiceRole;

  constructor(scope: Construct, id: string, { config, naming, key, ...props }: StateMachineProps) {
    super(scope, id);
    const name = naming.of("stateMachine", props.name);
    const here = `${config.region}:${config.accountId}`;
    const logs = new CloudwatchLogGroup(this, "logs", {
      // The prefix keeps the log's resource policy below CloudWatch's size limit.
      name: `/aws/vendedlogs/states/${name}`,
      retentionInDays: config.logs.retentionInDays,
      kmsKeyId: key.arn,
    });
    this.role = new ServiceRole(this, "role", {
      name: naming.of("role", props.name, "states"),
      description: `State machine ${props.name}`,
      service: "states.amazonaws.com",
      accountId: config.accountId,
    })
      .grant("execution:start", stateMachineArn(config, naming, props.name))
      .grant(
        "execution:follow",
        `arn:aws:states:${here}:execution:${name}/*`,
        `arn:aws:states:${here}:execution:${name}:*`,
      )
      .grantUnbound("log-delivery:configure");
    if (config.api.tracing) this.role.grantUnbound("trace:write");
    const machine = new SfnStateMachine(this, "machine", {
      name,
      roleArn: this.role.arn,
      type: "STANDARD",
      definition: JSON.stringify(props.definition),
      loggingConfiguration: {
        level: "ERROR",
        includeExecutionData: false,
        logDestination: `${logs.arn}:*`,
      },
      // Step Functions reports no tracing as no configuration; saying "false" would be a difference for ever.
      ...(config.api.tracing && { tracingConfiguration: { enabled: true } }),
      dependsOn: [this.role.policy],
    });
    this.arn = machine.arn;
  }
}
