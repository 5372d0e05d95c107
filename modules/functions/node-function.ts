import { LambdaAlias } from "@cdktf/provider-aws/lib/lambda-alias";
import { LambdaFunction } from "@cdktf/provider-aws/lib/lambda-function";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import type { FunctionSettings } from "../../config";
import { type OwnVariable, type Written, writeVariable } from "../../contracts/environment";
import type { FunctionName } from "../../contracts/functions";
import { BaseStack } from "../base/base-stack";
import { ServiceRole } from "../identity/iam";
import type { DeadLetterQueue } from "../messaging/dead-letter-queue";
import { logGroup } from "../observability/log-group";
import type { UploadedAsset } from "../storage/asset";

export interface NodeFunctionProps {
  /** Name of the function, after the project and environment, and of its bundle. */
  readonly name: string;
  readonly description: string;
  readonly settings: FunctionSettings;
  readonly code: UploadedAsset;
}

/**
 * Makes a Node.js Lambda function with its own role, its own log group, and a `live` alias that callers use. `F` is which
 * of the functions it is, and so which variables it has.
 */
export class NodeFunction<F extends FunctionName = FunctionName> extends Construct {
  readonly role: ServiceRole;
  /** ARN of the alias `live`, by which callers invoke the function. */
  readonly liveArn: string;
  /** ARN of the alias as API Gateway's integrations name it. */
  readonly liveInvokeArn: string;
  readonly functionName: string;
  readonly liveName: string;
  readonly timeoutInSeconds: number;
  /** SHA-256 of the code, base64. */
  readonly codeHash: string;
  private readonly lambda: LambdaFunction;
  private readonly variables: Record<string, string>;

  constructor(scope: Construct, id: string, props: NodeFunctionProps) {
    super(scope, id);
    const { naming, environment, logs, tracing } = BaseStack.of(this);
    const { settings, code } = props;
    const name = naming.of("function", props.name);
    const log = logGroup(this, "logs", `/aws/lambda/${name}`);
    this.role = new ServiceRole(this, "role", {
      name: naming.of("role", props.name),
      description: `${props.name} function`,
      service: "lambda.amazonaws.com",
    }).grant("log:write", `${log.arn}:*`);
    if (tracing) this.role.grantUnbound("trace:write");

    this.variables = {
      ENVIRONMENT: writeVariable("ENVIRONMENT", environment),
      LOG_LEVEL: writeVariable("LOG_LEVEL", logs.level),
    };
    this.lambda = new LambdaFunction(this, "function", {
      functionName: name,
      description: props.description,
      role: this.role.arn,
      runtime: "nodejs22.x",
      architectures: ["arm64"],
      handler: "index.handler",
      s3Bucket: code.bucket,
      s3Key: code.key,
      sourceCodeHash: code.sha256Base64,
      memorySize: settings.memoryInMb,
      timeout: settings.timeoutInSeconds,
      ...(settings.reservedConcurrency && { reservedConcurrentExecutions: settings.reservedConcurrency }),
      publish: true,
      tracingConfig: { mode: tracing ? "Active" : "PassThrough" },
      loggingConfig: { logFormat: "JSON", logGroup: log.name },
      environment: { variables: this.variables },
      dependsOn: [this.role.policy],
    });
    const live = new LambdaAlias(this, "live", {
      name: "live",
      functionName: this.lambda.functionName,
      functionVersion: this.lambda.version,
    });
    this.timeoutInSeconds = settings.timeoutInSeconds;
    this.codeHash = code.sha256Base64;
    this.functionName = this.lambda.functionName;
    this.liveName = live.name;
    this.liveArn = live.arn;
    this.liveInvokeArn = live.invokeArn;
  }

  /** Sets an environment variable and grants the permissions that go with it. */
  bind<V extends OwnVariable<F>>(variable: V, value: Written[V], grant: (role: ServiceRole) => void = () => {}): this {
    this.variables[variable] = writeVariable(variable, value);
    this.lambda.putEnvironment({ variables: this.variables });
    grant(this.role);
    return this;
  }

  /** Keeps what the function was asked asynchronously and failed at; Lambda tries three times. */
  keepFailuresIn(queue: DeadLetterQueue): this {
    this.lambda.putDeadLetterConfig({ targetArn: queue.arn });
    queue.grantSend(this.role);
    return this;
  }

  /** Lets a service invoke the function for one of its resources, which has no role of its own. */
  permit(id: string, principal: string, sourceArn: string): void {
    new LambdaPermission(this, `permission-${id}`, {
      statementId: id,
      action: "lambda:InvokeFunction",
      functionName: this.functionName,
      qualifier: this.liveName,
      principal,
      sourceArn,
    });
  }

  grantInvoke(role: ServiceRole): void {
    role.grant("function:invoke", this.liveArn);
  }
}
