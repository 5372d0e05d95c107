// Packages are loaded outside of the worlds that Jest makes for each test file, once for all of them: those of AWS's SDK
// alone take a second, and thirteen end-to-end files need them. Jest asks for environments and set-ups too, which are
// outside already.
const codeOf = (path) => `
if (globalThis.outside) module.exports = outside(${path});
else module._compile(require("node:fs").readFileSync(${path}, "utf8"), ${path});`;

module.exports = { process: (_source, path) => ({ code: codeOf(JSON.stringify(path)) }) };
