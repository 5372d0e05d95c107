import type { Construct } from "constructs";
import type { Config } from "../../config";
import type { FunctionName } from "../../contracts/functions";
import { entry } from "../base/tables";
import type { HostedModel } from "../sagemaker/hosted-model";
import { type Asset, UploadedAsset } from "../storage/asset";
import type { PrivateBucket } from "../storage/private-bucket";
import { NodeFunction } from "./node-function";

/** Bundles of the handlers, by function. */
export type Bundles = Readonly<Record<string, Asset>>;

export interface FunctionFactoryProps {
  readonly settings: Config["functions"];
  readonly bundles: Bundles;
  /** Takes the bundles. */
  readonly bucket: PrivateBucket;
}

/** Makes a stack's functions, each from the bundle of its name; `dataset` for one that is deployed per dataset. */
export const functionFactory =
  (scope: Construct, { settings, bundles, bucket }: FunctionFactoryProps) =>
  <F extends FunctionName>(of: F, description: string, dataset?: string): NodeFunction<F> => {
    const name = dataset === undefined ? of : `${of}-${dataset}`;
    return new NodeFunction<F>(scope, name, {
      name,
      description,
      settings: settings[of],
      code: new UploadedAsset(scope, `${name}-code`, {
        asset: entry(bundles, name),
        bucket,
        prefix: "functions/",
      }),
    });
  };

/** Tells a function that reads records which currencies their amounts may be in. */
export const bindMoney = <F extends "preprocess" | "prepare" | "extract-features">(
  reader: NodeFunction<F>,
  money: Config["money"],
): NodeFunction<F> =>
  reader
    .bind("CURRENCY", money.currency)
    .bind("CURRENCY_RATES", money.rates)
    .bind("OPERATOR_CURRENCIES", money.operators);

/** Names of buckets, by the dataset or model that they belong to. */
export const bucketNames = (buckets: Readonly<Record<string, PrivateBucket>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(buckets).map(([name, bucket]) => [name, bucket.name]));

/** Maps every model's name to a value of it. */
export const perModel = <T>(
  hosted: readonly HostedModel[],
  value: (hosted: HostedModel) => T,
): Readonly<Record<string, T>> => Object.fromEntries(hosted.map((each) => [each.model.name, value(each)]));
