import { relative, resolve } from "node:path";
import standaloneCode from "ajv/dist/standalone";
import type { Plugin } from "esbuild";
import { datasets } from "../../catalogue/datasets";
import { outcome } from "../../catalogue/datasets/kit/outcome";
import { compile, type RecordSchema, type Stage, stages } from "../../catalogue/datasets/kit/record-schema";

const NAMESPACE = "validator";

/** Lists the modules that make a `RecordSchema` with zod: file → name of the export and schema. */
const SCHEMAS: Readonly<Record<string, readonly [name: string, schema: RecordSchema<unknown>]>> = {
  "catalogue/datasets/kit/outcome.ts": ["outcome", outcome],
  ...Object.fromEntries(
    datasets.map(({ name, record }) => [`catalogue/datasets/${name}/record.ts`, ["record", record]]),
  ),
};

/**
 * Replaces each module that describes records with zod by the validators that Ajv compiles from the same schema
 * ahead of time, so that handlers load neither zod nor Ajv.
 */
export const recordValidators = (root: string): Plugin => ({
  name: "record-validators",
  setup(build) {
    const byPath = new Map(Object.entries(SCHEMAS).map(([file, schema]) => [resolve(root, file), schema]));

    build.onLoad({ filter: /[\\/](outcome|record)\.ts$/, namespace: "file" }, ({ path }) => {
      const name = byPath.get(path)?.[0];
      return name
        ? {
            loader: "ts",
            contents: `
              ${stages.map((stage) => `import ${stage} from "${NAMESPACE}:${stage}:${relative(root, path)}";`).join("\n")}
              import { checkBy } from ${JSON.stringify(resolve(root, "catalogue/datasets/kit/schema-problems"))};
              export const ${name} = {
                check: checkBy(${stages.join()}),
                jsonSchema: () => { throw new Error("JSON Schemas are not part of a handler's bundle"); },
              };`,
          }
        : null;
    });
    build.onResolve({ filter: new RegExp(`^${NAMESPACE}:`) }, ({ path }) => ({
      namespace: NAMESPACE,
      path: path.slice(NAMESPACE.length + 1),
    }));
    build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => {
      const [stage, file] = path.split(":") as [Stage, string];
      const schema = byPath.get(resolve(root, file))?.[1];
      if (!schema) throw new Error(`${file} describes no records`);
      const { ajv, validate } = compile(stage, schema.jsonSchema("draft-07"), { source: true });
      return { loader: "js", resolveDir: root, contents: standaloneCode(ajv, validate) };
    });
  },
});
