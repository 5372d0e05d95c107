import type { Construct } from "constructs";
import type { Config } from "../config";
import { type Artefact, UploadedArtefact } from "../modules/artefact";
import type { Naming } from "../modules/naming";
import { NodeFunction } from "../modules/node-function";
import { entry } from "./sagemaker";
import type { StorageStack } from "./storage";

/** Bundles of the handlers, by function. */
export type Bundles = Readonly<Record<string, Artefact>>;

/** Makes a stack's functions: each from the bundle of its name, with the settings of its kind. */
export const functionFactory =
  (scope: Construct, naming: Naming, config: Config, storage: StorageStack, bundles: Bundles) =>
  (name: string, kind: keyof Config["functions"], description: string): NodeFunction =>
    new NodeFunction(scope, name, {
      config,
      naming,
      key: storage.key,
      name,
      description,
      settings: config.functions[kind],
      code: new UploadedArtefact(scope, `${name}-code`, {
        artefact: entry(bundles, name),
        bucket: storage.artefacts,
        prefix: "functions",
      }),
    });
