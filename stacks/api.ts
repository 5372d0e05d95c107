import { TerraformOutput } from "cdktf";
import type { Construct } from "constructs";
import { datasetNamed } from "../catalogue/datasets";
import type { Config } from "../config";
import { RestApi } from "../modules/rest-api";
import { BaseStack } from "./base";
import { type Bundles, functionFactory } from "./functions";
import type { SagemakerStack } from "./sagemaker";
import type { StorageStack } from "./storage";

/** What the gateway itself checks of a batch; the records are checked one by one, so that one cannot fail the others. */
const BATCH_SCHEMA = {
  $schema: "http://json-schema.org/draft-04/schema#",
  title: "Batch",
  type: "object",
  required: ["records"],
  properties: { records: { type: "array", minItems: 1 } },
};

export interface ApiStackProps {
  readonly config: Config;
  readonly storage: StorageStack;
  readonly sagemaker: SagemakerStack;
  readonly bundles: Bundles;
}

/** The way of a request: REST API → filter → preprocess-<dataset> → predict → endpoints. */
export class ApiStack extends BaseStack {
  readonly api: RestApi;

  constructor(scope: Construct, { config, storage, sagemaker, bundles }: ApiStackProps) {
    super(scope, "api", config);
    const nodeFunction = functionFactory(this, this.naming, config, storage, bundles);

    const predict = nodeFunction("predict", "predict", "Asks the endpoints of a dataset's models for predictions")
      .bind("ENDPOINT_TIMEOUT_MS", String(config.api.endpointTimeoutInMs))
      .bind(
        "ENDPOINTS",
        JSON.stringify(
          Object.fromEntries(
            sagemaker.hosted.map(({ model, endpoint }) => [
              model.name,
              { endpoint: endpoint.name, servingParameter: endpoint.servingParameter.name },
            ]),
          ),
        ),
        (role) => {
          for (const { endpoint } of sagemaker.hosted) endpoint.grantInvoke(role);
        },
      );

    const datasets = Object.keys(storage.dataBuckets);
    const preprocess = Object.fromEntries(
      datasets.map((dataset) => [
        dataset,
        nodeFunction(`preprocess-${dataset}`, "preprocess", `Checks ${dataset} records and makes their features`),
      ]),
    );

    const filter = nodeFunction("filter", "filter", "Sends each record to its dataset's preprocessing")
      .bind("MAX_RECORDS", String(config.api.maxRecords))
      .bind("MAX_BODY_BYTES", String(config.api.maxBodyInBytes))
      .bind("REQUEST_BUDGET_MS", String(config.api.requestBudgetInMs))
      .bind("PREDICT_FUNCTION", predict.liveArn, (role) => predict.grantInvoke(role))
      .bind(
        "PREPROCESS_FUNCTIONS",
        JSON.stringify(
          Object.fromEntries(Object.entries(preprocess).map(([dataset, { liveArn }]) => [dataset, liveArn])),
        ),
        (role) => {
          for (const each of Object.values(preprocess)) each.grantInvoke(role);
        },
      );

    this.api = new RestApi(
      this,
      "rest",
      {
        config,
        naming: this.naming,
        key: storage.key,
        description: "Predictions of problem gambling and of stakes",
        schemas: {
          batch: BATCH_SCHEMA,
          ...Object.fromEntries(datasets.map((name) => [name, datasetNamed(name).record.jsonSchema("draft-04")])),
        },
      },
      { method: "POST", path: "predictions", request: "batch", handler: filter },
    );
    new TerraformOutput(this, "url", { value: `${this.api.invokeUrl}/predictions`, staticId: true });
    new TerraformOutput(this, "rest-api-id", { value: this.api.id, staticId: true });
    for (const [client, id] of Object.entries(this.api.keyIds)) {
      new TerraformOutput(this, `api-key-id-${client}`, { value: id, staticId: true });
    }
  }
}
