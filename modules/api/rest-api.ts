import { ApiGatewayApiKey } from "@cdktf/provider-aws/lib/api-gateway-api-key";
import { ApiGatewayAuthorizer } from "@cdktf/provider-aws/lib/api-gateway-authorizer";
import { ApiGatewayDeployment } from "@cdktf/provider-aws/lib/api-gateway-deployment";
import { ApiGatewayIntegration } from "@cdktf/provider-aws/lib/api-gateway-integration";
import { ApiGatewayMethod, type ApiGatewayMethodConfig } from "@cdktf/provider-aws/lib/api-gateway-method";
import { ApiGatewayMethodSettings } from "@cdktf/provider-aws/lib/api-gateway-method-settings";
import { ApiGatewayModel } from "@cdktf/provider-aws/lib/api-gateway-model";
import { ApiGatewayRequestValidator } from "@cdktf/provider-aws/lib/api-gateway-request-validator";
import { ApiGatewayResource } from "@cdktf/provider-aws/lib/api-gateway-resource";
import { ApiGatewayRestApi } from "@cdktf/provider-aws/lib/api-gateway-rest-api";
import { ApiGatewayStage } from "@cdktf/provider-aws/lib/api-gateway-stage";
import { ApiGatewayUsagePlan } from "@cdktf/provider-aws/lib/api-gateway-usage-plan";
import { ApiGatewayUsagePlanKey } from "@cdktf/provider-aws/lib/api-gateway-usage-plan-key";
import { LambdaPermission } from "@cdktf/provider-aws/lib/lambda-permission";
import { Construct } from "constructs";
import type { Config } from "../../config";
import { BaseStack } from "../base/base-stack";
import { mapValues } from "../base/tables";
import type { NodeFunction } from "../functions/node-function";
import { logGroup } from "../observability/log-group";
import { GatewayResponses } from "./gateway-responses";

const ACCESS_LOG_FORMAT = JSON.stringify({
  requestId: "$context.requestId",
  time: "$context.requestTime",
  apiKeyId: "$context.identity.apiKeyId",
  method: "$context.httpMethod",
  path: "$context.resourcePath",
  status: "$context.status",
  error: "$context.error.responseType",
  latencyMs: "$context.responseLatency",
  integrationLatencyMs: "$context.integrationLatency",
  responseBytes: "$context.responseLength",
});

/** Takes the tokens of one user pool's members. */
export interface Authorizer {
  readonly userPoolArn: string;
}

export interface RestApiProps<A extends string> {
  /** Name of the API, after the project and environment. */
  readonly name: string;
  readonly description: string;
  readonly settings: Pick<Config["api"], "stage" | "throttle" | "usagePlans">;
  /** JSON Schema (draft-04) by model name: published with the API, so that clients can be generated. */
  readonly schemas: Readonly<Record<string, object>>;
  /** By the name that routes use as their `access`. */
  readonly authorizers: Readonly<Record<A, Authorizer>>;
}

export interface Route<A extends string> {
  readonly method: "GET" | "POST" | "PUT";
  /** Path without a slash in front; `{name}` takes a parameter. */
  readonly path: string;
  /** Who may call: a client of a usage plan by its key, or whoever has a token that an authorizer takes. */
  readonly access: "api-key" | A;
  /** Name of one of `schemas`: the gateway itself refuses bodies that do not fit. */
  readonly request?: string;
  /** Name of one of `schemas` that clients are told and the function holds bodies to. */
  readonly publishes?: string;
  /** Names of the parameters that a query may have. */
  readonly query?: readonly string[];
  readonly handler: NodeFunction;
}

type Access = Pick<ApiGatewayMethodConfig, "authorization" | "authorizerId" | "apiKeyRequired">;

/** Makes a regional REST API with keys, usage plans, throttling, access log, metrics and tracing. */
export class RestApi<A extends string> extends Construct {
  private readonly api: ApiGatewayRestApi;
  private readonly models: Readonly<Record<string, ApiGatewayModel>>;
  private readonly validator: ApiGatewayRequestValidator;
  private readonly responses: GatewayResponses;
  private readonly access: Readonly<Record<"api-key" | A, Access>>;
  private readonly resources = new Map<string, ApiGatewayResource>();
  /** By client of the configuration: the key's id. Its value never enters Terraform's outputs. */
  readonly keyIds: Readonly<Record<string, string>>;
  readonly id: string;
  readonly invokeUrl: string;
  /** Names the stage for what attaches to one, such as a web ACL. */
  readonly stageArn: string;

  constructor(scope: Construct, id: string, props: RestApiProps<A>, routes: readonly Route<A>[]) {
    super(scope, id);
    this.api = new ApiGatewayRestApi(this, "api", {
      name: BaseStack.of(this).naming.of("api", props.name),
      description: props.description,
      endpointConfiguration: { types: ["REGIONAL"] },
      // One that must be replaced answers until the new one does.
      lifecycle: { createBeforeDestroy: true },
    });
    this.models = Object.fromEntries(
      Object.entries(props.schemas).map(([name, schema]) => [
        name,
        new ApiGatewayModel(this, `model-${name}`, {
          restApiId: this.api.id,
          // Model names are alphanumeric.
          name: name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase()),
          contentType: "application/json",
          schema: JSON.stringify(schema),
        }),
      ]),
    );
    this.validator = new ApiGatewayRequestValidator(this, "validator", {
      restApiId: this.api.id,
      name: "body",
      validateRequestBody: true,
    });
    this.responses = new GatewayResponses(this, "responses", this.api.id);
    this.access = {
      ...mapValues(props.authorizers, (authorizer, name) => this.addAuthorizer(name, authorizer)),
      "api-key": { authorization: "NONE", apiKeyRequired: true },
    };
    const stage = this.deploy(
      props,
      routes,
      routes.map((route) => this.addRoute(route, routes.filter(({ path }) => path === route.path).length === 1)),
    );
    this.keyIds = this.addUsagePlans(props, stage);
    this.id = this.api.id;
    this.invokeUrl = stage.invokeUrl;
    this.stageArn = stage.arn;
  }

  private addAuthorizer(name: string, { userPoolArn }: Authorizer): Access {
    const authorizer = new ApiGatewayAuthorizer(this, name, {
      restApiId: this.api.id,
      name,
      type: "COGNITO_USER_POOLS",
      providerArns: [userPoolArn],
    });
    return { authorization: "COGNITO_USER_POOLS", authorizerId: authorizer.id, apiKeyRequired: false };
  }

  private addRoute(route: Route<A>, alone: boolean): ApiGatewayIntegration {
    const { method: httpMethod, path, access, request, publishes = request, query = [], handler } = route;
    const scope = new Construct(this, `${httpMethod} ${path}`);
    const resource = this.resourceAt(path, scope);
    const method = new ApiGatewayMethod(scope, "method", {
      restApiId: this.api.id,
      resourceId: resource.id,
      httpMethod,
      ...this.access[access],
      ...(request !== undefined && { requestValidatorId: this.validator.id }),
      ...(publishes !== undefined && { requestModels: { "application/json": this.modelOf(publishes).name } }),
      ...(query.length > 0 && {
        requestParameters: Object.fromEntries(query.map((name) => [`method.request.querystring.${name}`, false])),
      }),
    });
    new LambdaPermission(scope, "permission", {
      // A function's statements need different names: that of a route further down says where, and of one that shares its
      // path with another how.
      statementId: ["api-gateway", ...(path.match(/\w+/g)?.slice(1) ?? []), ...(alone ? [] : [httpMethod])].join("-"),
      action: "lambda:InvokeFunction",
      functionName: handler.functionName,
      qualifier: handler.liveName,
      principal: "apigateway.amazonaws.com",
      sourceArn: `${this.api.executionArn}/*/${httpMethod}/${path.replace(/\{\w+\}/g, "*")}`,
    });
    return new ApiGatewayIntegration(scope, "integration", {
      restApiId: this.api.id,
      resourceId: resource.id,
      httpMethod: method.httpMethod,
      type: "AWS_PROXY",
      integrationHttpMethod: "POST",
      uri: handler.liveInvokeArn,
    });
  }

  /**
   * Finds or makes the resource of a path, and those above it; one that no earlier route has made belongs to `scope`.
   */
  private resourceAt(path: string, scope?: Construct): ApiGatewayResource {
    const known = this.resources.get(path);
    if (known) return known;
    const parts = path.split("/");
    const pathPart = parts.pop() as string;
    const resource = new ApiGatewayResource(scope ?? new Construct(this, path), "resource", {
      restApiId: this.api.id,
      parentId: parts.length > 0 ? this.resourceAt(parts.join("/")).id : this.api.rootResourceId,
      pathPart,
    });
    this.resources.set(path, resource);
    return resource;
  }

  private modelOf(schema: string): ApiGatewayModel {
    const model = this.models[schema];
    if (!model) throw new Error(`A route names the schema "${schema}", which the API does not have`);
    return model;
  }

  private deploy(
    { settings, schemas, authorizers }: RestApiProps<A>,
    routes: readonly Route<A>[],
    integrations: readonly ApiGatewayIntegration[],
  ): ApiGatewayStage {
    const deployment = new ApiGatewayDeployment(this, "deployment", {
      restApiId: this.api.id,
      // A stage serves a snapshot; anything that changes what it would hold makes a new one.
      triggers: {
        schemas: JSON.stringify(schemas),
        responses: this.responses.fingerprint,
        integrations: integrations.map(({ id, uri }) => `${id}=${uri}`).join(),
        access: routes
          .map(({ access, request, publishes, query = [] }) =>
            [`${access}:${request ?? publishes ?? ""}`, ...query].join("&"),
          )
          .join(),
        ...mapValues(authorizers, ({ userPoolArn }) => userPoolArn),
      },
      lifecycle: { createBeforeDestroy: true },
      dependsOn: [...integrations, ...this.responses.all, ...Object.values(this.models)],
    });
    const { naming, tracing } = BaseStack.of(this);
    const logs = logGroup(this, "access-log", naming.path("api", "access"));
    const stage = new ApiGatewayStage(this, "stage", {
      restApiId: this.api.id,
      deploymentId: deployment.id,
      stageName: settings.stage,
      xrayTracingEnabled: tracing,
      // Needs the account's one role for it, which `npm run bootstrap` sets.
      accessLogSettings: { destinationArn: logs.arn, format: ACCESS_LOG_FORMAT },
    });
    new ApiGatewayMethodSettings(this, "settings", {
      restApiId: this.api.id,
      stageName: stage.stageName,
      methodPath: "*/*",
      settings: {
        metricsEnabled: true,
        // Execution logs would hold request bodies, which are player data.
        loggingLevel: "OFF",
        dataTraceEnabled: false,
        throttlingRateLimit: settings.throttle.rateLimit,
        throttlingBurstLimit: settings.throttle.burstLimit,
      },
    });
    return stage;
  }

  private addUsagePlans({ settings }: RestApiProps<A>, stage: ApiGatewayStage): Record<string, string> {
    const { naming } = BaseStack.of(this);
    const plans = Object.entries(settings.usagePlans).map(([name, { rateLimit, burstLimit, quota, clients }]) => {
      const scope = new Construct(this, `plan-${name}`);
      const plan = new ApiGatewayUsagePlan(scope, "plan", {
        name: naming.of("api", name),
        apiStages: [{ apiId: this.api.id, stage: stage.stageName }],
        throttleSettings: { rateLimit, burstLimit },
        quotaSettings: quota,
      });
      return clients.map((client) => {
        const key = new ApiGatewayApiKey(scope, `key-${client}`, { name: naming.of("api", name, client) });
        new ApiGatewayUsagePlanKey(scope, `membership-${client}`, {
          usagePlanId: plan.id,
          keyId: key.id,
          keyType: "API_KEY",
        });
        return [client, key.id] as const;
      });
    });
    return Object.fromEntries(plans.flat());
  }
}
