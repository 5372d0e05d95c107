import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { datasetNamed } from "../catalogue/datasets";
import type { Config } from "../config";
import { chosenMarketing, chosenRules, operatorsByClient } from "../config/schema/operators";
import { PLAYER_SCHEMAS } from "../contracts/player-requests";
import { BATCH_SCHEMA } from "../contracts/request-path";
import { LABELLING, ROUTES, type RouteName } from "../contracts/routes";
import { RestApi, type Route } from "../modules/api/rest-api";
import { BaseStack } from "../modules/base/base-stack";
import { entry } from "../modules/base/tables";
import { type Bundles, bindMoney, functionFactory, perModel } from "../modules/functions/function-factory";
import type { NodeFunction } from "../modules/functions/node-function";
import { CaptureStream } from "../modules/messaging/capture-stream";
import { AssessmentTable } from "../modules/storage/assessment-table";
import type { EncryptionKey } from "../modules/storage/encryption-key";
import { SecretParameter } from "../modules/storage/secret-parameter";
import type { InterventionsStack } from "./interventions";
import type { SagemakerStack } from "./sagemaker";
import type { StorageStack } from "./storage";

export interface ApiStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly interventions: InterventionsStack;
  readonly sagemaker: SagemakerStack;
  readonly bundles: Bundles;
}

/**
 * Answers wallets and people: a batch of records goes REST API → filter → preprocess-<dataset> → predict → endpoints, a
 * question about a player REST API → players → table of players, a reviewer's REST API → reviews → the same table, a
 * labeller's REST API → labelling → label table.
 */
export class ApiStack extends BaseStack {
  readonly key: EncryptionKey;
  /** Remembers who was found at risk; all who judge risk write to it. */
  readonly assessments: AssessmentTable;

  constructor(scope: Construct, { config, storage, interventions, sagemaker, bundles }: ApiStackProps) {
    super(scope, "api", config);
    this.key = storage.key;
    const nodeFunction = functionFactory(this, { settings: config.functions, bundles, bucket: storage.assets });

    const predict = nodeFunction("predict", "Asks the endpoints of a dataset's models for predictions")
      .bind("ENDPOINT_TIMEOUT_MS", config.api.endpointTimeoutInMs)
      .bind("SERVING_FRESH_SECONDS", config.api.servingRecordFreshInSeconds)
      .bind(
        "SERVING_PARAMETERS",
        perModel(sagemaker.hosted, ({ endpoint }) => endpoint.servingParameter.name),
      )
      .bind(
        "ENDPOINTS",
        perModel(sagemaker.hosted, ({ endpoint }) => endpoint.name),
        (role) => {
          for (const { endpoint } of sagemaker.hosted) endpoint.grantInvoke(role);
        },
      );

    const assessments = new AssessmentTable(this, "assessments", {
      name: this.naming.of("table", "assessments"),
      destroyable: config.storage.destroyable,
    });
    this.assessments = assessments;
    predict
      .bind("ASSESSMENT_TABLE", assessments.name, (role) => assessments.grantRemember(role))
      .bind("RISK_MEMORY_DAYS", config.api.rememberRiskForDays)
      .bind("PLAYER_TABLE", storage.players.name, (role) => storage.players.grantReadMarketing(role))
      .bind("MARKETING_RULES", chosenMarketing(config.operators))
      .bind("EVENT_BUS", storage.bus.name, (role) => storage.bus.grantPut(role))
      .bind("UNPUBLISHED_QUEUE", interventions.unpublished.url, (role) => interventions.unpublished.grantSend(role));

    if (config.drift.captureShare > 0) this.capture(predict, storage);

    const datasets = Object.keys(storage.dataBuckets);
    const preprocess = Object.fromEntries(
      datasets.map((dataset) => [
        dataset,
        bindMoney(
          nodeFunction("preprocess", `Checks ${dataset} records and makes their features`, dataset),
          config.money,
        ),
      ]),
    );

    const filter = nodeFunction("filter", "Sends each record to its dataset's preprocessing")
      .bind("MAX_RECORDS", config.api.maxRecords)
      .bind("MAX_BODY_BYTES", config.api.maxBodyInBytes)
      .bind("REQUEST_BUDGET_MS", config.api.requestBudgetInMs)
      .bind("PREDICT_FUNCTION", predict.liveArn, (role) => predict.grantInvoke(role))
      .bind(
        "PREPROCESS_FUNCTIONS",
        Object.fromEntries(Object.entries(preprocess).map(([dataset, { liveArn }]) => [dataset, liveArn])),
        (role) => {
          for (const each of Object.values(preprocess)) each.grantInvoke(role);
        },
      );

    const labelling = nodeFunction("labelling", "Gives labellers their tasks and takes their answers").bind(
      "LABEL_TABLE",
      storage.labels.name,
      (role) => {
        storage.labels.grantAnswer(role);
        role.grant("execution:resume", this.naming.stateMachineArn("main"));
      },
    );

    const withPlayers = <F extends "players" | "reviews">(function_: NodeFunction<F>) =>
      function_
        .bind("OPERATOR_RULES", chosenRules(config.operators))
        .bind("PLAYER_TABLE", storage.players.name, (role) => {
          storage.players.grantChange(role);
          storage.players.grantHistory(role);
        });
    const players = withPlayers(nodeFunction("players", "Tells clients what holds for players, and takes their word"));
    const reviews = withPlayers(nodeFunction("reviews", "Gives reviewers what waits for them, and takes decisions"));
    storage.players.grantListChanged(players.role);
    storage.players.grantList(reviews.role, "reviews");

    const answeredBy: Readonly<
      Record<(typeof ROUTES)[RouteName]["by"], Pick<Route<"labellers">, "access" | "handler">>
    > = {
      filter: { access: "api-key", handler: filter },
      players: { access: "api-key", handler: players },
      // One authorizer takes the tokens of all people; the functions look for their groups.
      labelling: { access: "labellers", handler: labelling },
      reviews: { access: "labellers", handler: reviews },
    };
    const api = new RestApi(
      this,
      "rest",
      {
        name: "predictions",
        description: "Predictions of problem gambling and of stakes, and labelling",
        settings: config.api,
        schemas: {
          batch: BATCH_SCHEMA,
          ...PLAYER_SCHEMAS,
          ...Object.fromEntries(datasets.map((name) => [name, datasetNamed(name).record.jsonSchema("draft-04")])),
        },
        authorizers: { labellers: { userPoolArn: storage.people.poolArn } },
      },
      Object.values(ROUTES).map((route) => ({ ...route, ...answeredBy[route.by] })),
    );
    // Keys do not depend on what the API deploys, so the functions may name them.
    const byKey = operatorsByKey(api.keyIds, config.operators);
    filter.bind("CLIENT_OPERATORS", byKey);
    players.bind("CLIENT_OPERATORS", byKey);
    new TerraformOutput(this, "url", { value: `${api.invokeUrl}/${ROUTES.predict.path}`, staticId: true });
    new TerraformOutput(this, "api-url", { value: api.invokeUrl, staticId: true });
    new TerraformOutput(this, "labelling-url", { value: `${api.invokeUrl}/${LABELLING}`, staticId: true });
    new TerraformOutput(this, "labeller-pool-id", { value: storage.people.poolId, staticId: true });
    new TerraformOutput(this, "labeller-client-id", { value: storage.people.clientId, staticId: true });
    new TerraformOutput(this, "rest-api-id", { value: api.id, staticId: true });
    for (const [client, id] of Object.entries(api.keyIds)) {
      new TerraformOutput(this, `api-key-id-${client}`, { value: id, staticId: true });
    }
  }

  /** Gives each dataset a stream for the traffic of the players that predict captures, and these players their keys. */
  private capture(predict: NodeFunction<"predict">, { dataBuckets }: StorageStack): void {
    const buffer = this.config.drift;
    const streams = Object.entries(dataBuckets).map(
      ([dataset, bucket]) =>
        [dataset, new CaptureStream(this, `captured-${dataset}`, { dataset, bucket, buffer })] as const,
    );
    const secret = new SecretParameter(this, "capture-secret", {
      name: this.naming.path("capture", "secret"),
      description: "Makes the keys of players in captured traffic; only predict may read it",
    });
    predict
      .bind("CAPTURE_SHARE", this.config.drift.captureShare)
      .bind("CAPTURE_SECRET", secret.name, (role) => secret.grantRead(role))
      .bind("CAPTURE_STREAMS", Object.fromEntries(streams.map(([dataset, { name }]) => [dataset, name])), (role) => {
        for (const [, stream] of streams) stream.grantPut(role);
      });
  }
}

/** Lists the operators that each client acts for, by the id of its key. */
const operatorsByKey = (
  keyIds: Readonly<Record<string, string>>,
  operators: Config["operators"],
): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries([...operatorsByClient(operators)].map(([client, ids]) => [entry(keyIds, client), ids]));
