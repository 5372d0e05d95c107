import { ENVIRONMENTS, loadConfig } from "../../config";
import { code, table } from "./markdown";

/** The settings that differ between the environments, as a table. */
export function environments(): string {
  const all = ENVIRONMENTS.map((name) => {
    const { models, accountId, environment, ...shared } = loadConfig(name);
    return { name, settings: new Map([...leaves("", shared), ...ofModels(models)]) };
  });
  const keys = [...new Set(all.flatMap(({ settings }) => [...settings.keys()]))];
  const rows = keys
    .map((key) => [code(key), ...all.map(({ settings }) => settings.get(key) ?? "")])
    .filter(([, ...values]) => new Set(values).size > 1);
  return table(["key", ...all.map(({ name }) => name)], rows);
}

/** Each setting within a value, by its path. */
function* leaves(path: string, value: unknown): Generator<[path: string, value: string]> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    yield [path, code(JSON.stringify(value))];
    return;
  }
  for (const [name, inner] of Object.entries(value)) yield* leaves(path === "" ? name : `${path}.${name}`, inner);
}

/** The settings of all models: `*` stands for what most of them have, and the others say what is different. */
function* ofModels(models: object): Generator<[path: string, value: string]> {
  const byModel = Object.entries(models).map(([model, settings]) => ({ model, own: new Map(leaves("", settings)) }));
  for (const path of new Set(byModel.flatMap(({ own }) => [...own.keys()]))) {
    const values = byModel.map(({ own }) => own.get(path));
    const often = (value: string | undefined) => values.filter((other) => other === value).length;
    const usual = values.reduce((most, value) => (often(value) > often(most) ? value : most));
    if (usual !== undefined) yield [`models.*.${path}`, usual];
    for (const { model, own } of byModel) {
      const value = own.get(path);
      if (value !== usual && value !== undefined) yield [`models.${model}.${path}`, value];
    }
  }
}
