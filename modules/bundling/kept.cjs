// What synth keeps for the next one. This is no TypeScript, because synth.mjs needs it before it can run any.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require("node:fs");
const { dirname, resolve } = require("node:path");
const { Script } = require("node:vm");

exports.KEPT = "node_modules/.cache/vwt";

exports.INSTALLED = "node_modules/.package-lock.json";

exports.fingerprint = (root, path) => {
  const stats = statSync(resolve(root, path), { throwIfNoEntry: false });
  return stats ? `${stats.size}:${stats.mtimeMs}` : "gone";
};

const digest = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
const DIGEST = 32;

/** Writes a file as a whole or not at all. Where nothing can be written, such as in a read-only image, nothing is kept. */
function write(file, bytes) {
  const partial = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(partial, bytes);
    renameSync(partial, file);
  } catch {
    // It is made again next time.
  }
}

function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

exports.keep = (file, bytes) => write(file, Buffer.concat([digest(bytes), bytes]));

exports.recall = (file) => {
  const kept = read(file);
  const bytes = kept?.subarray(DIGEST);
  return bytes && digest(bytes).equals(kept.subarray(0, DIGEST)) ? bytes : undefined;
};

exports.compiled = (file, key, bundle, atEnd = (work) => process.on("exit", work)) => {
  const beside = `${file}.v8`;
  const [code, data] = [read(file)?.toString(), exports.recall(beside)];
  // V8 itself would run what it compiled of another source that is as long.
  const of = (text) => digest(key, "\n", text);
  const known = code !== undefined && data?.subarray(0, DIGEST).equals(of(code));
  const source = known ? code : bundle();
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    cachedData: known ? data.subarray(DIGEST) : undefined,
  });
  if (!known || script.cachedDataRejected) {
    atEnd(() => {
      write(file, source);
      exports.keep(beside, Buffer.concat([of(source), script.createCachedData()]));
    });
  }
  return {
    source,
    run: (require, folder) => {
      const module = { exports: {} };
      script.runInThisContext()(module.exports, require, module, file, folder);
      return module.exports;
    },
  };
};
