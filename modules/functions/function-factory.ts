import type { Construct } from "constructs";
import type { Config } from "../../config";
import type { FunctionName } from "../../contracts/functions";
import type { HostedModel, SagemakerStack } from "../../stacks/sagemaker";
import type { StorageStack } from "../../stacks/storage";
import type { Naming } from "../base/naming";
import { entry } from "../base/tables";
import { type Artefact, UploadedArtefact } from "../storage/artefact";
import type { PrivateBucket } from "../storage/private-bucket";
import { NodeFunction } from "./node-function";

/** Bundles of the handlers, by function. */
export type Bundles = Readonly<Record<string, Artefact>>;

/** Makes a stack's functions, each from the bundle of its name; `dataset` for one that is deployed per dataset. */
export const functionFactory =
  (scope: Construct, naming: Naming, config: Config, storage: StorageStack, bundles: Bundles) =>
  (of: FunctionName, description: string, dataset?: string): NodeFunction => {
    const name = dataset === undefined ? of : `${of}-${dataset}`;
    return new NodeFunction(scope, name, {
      config,
      naming,
      key: storage.key,
      name,
      description,
      settings: config.functions[of],
      code: new UploadedArtefact(scope, `${name}-code`, {
        artefact: entry(bundles, name),
        bucket: storage.artefacts,
        prefix: "functions/",
      }),
    });
  };

/** Tells a function that reads records which currencies their amounts may be in. */
export const bindMoney = (made: NodeFunction, { money }: Config): NodeFunction =>
  made
    .bind("CURRENCY", money.currency)
    .bind("CURRENCY_RATES", JSON.stringify(money.rates))
    .bind("OPERATOR_CURRENCIES", JSON.stringify(money.operators));

/** Names of buckets, as functions are told of them: JSON by dataset or model. */
export const bucketNames = (buckets: Readonly<Record<string, PrivateBucket>>): string =>
  JSON.stringify(Object.fromEntries(Object.entries(buckets).map(([name, bucket]) => [name, bucket.name])));

/** Something of every model, as functions are told of it: JSON by model. */
export const perModel = ({ hosted }: SagemakerStack, value: (hosted: HostedModel) => unknown): string =>
  JSON.stringify(Object.fromEntries(hosted.map((each) => [each.model.name, value(each)])));
