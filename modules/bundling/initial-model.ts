import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ALGORITHMS } from "../../catalogue/algorithms";
import { datasetNamed } from "../../catalogue/datasets";
import type { Model } from "../../catalogue/models";
import type { Asset } from "../storage/asset";
import { writeAsset } from "./asset-file";

/**
 * Writes each model's `<directory>/<model>/<hash of what is in it>/model.tar.gz`, unless it is there: the same bytes on
 * every machine. With it the very first deployment has something to serve.
 */
export async function buildInitialModels(models: readonly Model[], directory: string): Promise<Record<string, Asset>> {
  const built = models.map(async (model) => {
    const { modelFile, initialModel } = ALGORITHMS[model.algorithm];
    const text = initialModel(model, datasetNamed(model.dataset).features.length);
    const content = createHash("sha256").update(text).digest("hex").slice(0, 16);
    const path = join(directory, model.name, content, "model.tar.gz");
    return [model.name, writeAsset(path, readArchive(path, text) ?? (await archive(modelFile, text)))] as const;
  });
  return Object.fromEntries(await Promise.all(built));
}

/** Reads an archive that an earlier run wrote; `undefined` when there is none, or another file in its place. */
function readArchive(path: string, text: string): Uint8Array | undefined {
  try {
    const bytes = readFileSync(path);
    return gunzipSync(bytes).includes(text) ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Loads what packs only when something has to be packed. */
async function archive(name: string, text: string): Promise<Uint8Array> {
  const [{ gzipSync }, { pack }] = await Promise.all([import("fflate"), import("tar-stream")]);
  const tar = pack();
  tar.entry({ name, mtime: new Date(0), mode: 0o644, uid: 0, gid: 0 }, text);
  tar.finalize();
  const chunks: Uint8Array[] = [];
  for await (const chunk of tar) chunks.push(chunk as Uint8Array);
  return gzipSync(Buffer.concat(chunks), { mtime: 0 });
}
