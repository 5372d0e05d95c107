import { SfnStateMachine } from "@cdktf/provider-aws/lib/sfn-state-machine";
import { Lazy, StringConcat, Tokenization } from "cdktf";
import { Construct } from "constructs";
import { BaseStack } from "../base/base-stack";
import { ServiceRole } from "../identity/iam";
import { logGroup } from "../observability/log-group";

export interface StateMachineProps {
  readonly name: string;
  /** The machine in Amazon States Language. */
  readonly definition: object;
}

/** Standard state machine with its own role and log; the role may run its own Distributed Maps. */
export class StateMachine extends Construct {
  readonly arn: string;
  readonly role: ServiceRole;

  constructor(scope: Construct, id: string, props: StateMachineProps) {
    super(scope, id);
    const { naming, tracing } = BaseStack.of(this);
    const name = naming.of("stateMachine", props.name);
    // The prefix keeps the log's resource policy below CloudWatch's size limit.
    const logs = logGroup(this, "logs", `/aws/vendedlogs/states/${name}`);
    this.role = new ServiceRole(this, "role", {
      name: naming.of("role", props.name, "states"),
      description: `State machine ${props.name}`,
      service: "states.amazonaws.com",
    })
      .grant("execution:start", naming.stateMachineArn(props.name))
      .grant(
        "execution:follow",
        naming.arn("states", `execution:${name}/*`),
        naming.arn("states", `execution:${name}:*`),
      )
      .grantUnbound("log-delivery:configure");
    if (tracing) this.role.grantUnbound("trace:write");
    const machine = new SfnStateMachine(this, "machine", {
      name,
      roleArn: this.role.arn,
      type: "STANDARD",
      definition: text(JSON.stringify(props.definition)),
      loggingConfiguration: {
        level: "ERROR",
        includeExecutionData: false,
        logDestination: `${logs.arn}:*`,
      },
      // Step Functions reports no tracing as no configuration; saying "false" would be a difference for ever.
      ...(tracing && { tracingConfiguration: { enabled: true } }),
      dependsOn: [this.role.policy],
    });
    this.arn = machine.arn;
  }
}

/**
 * Writes a long text with tokens in it as one token. CDKTF itself looks through the rest of the text for each brace in
 * it, which takes 25 ms for the 100 kB of the retraining's definition, each time.
 */
const text = (value: string): string =>
  Lazy.stringValue({
    produce: (context) => Tokenization.reverseString(value).mapTokens(context).join(new StringConcat()),
  });
