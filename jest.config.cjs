// XGBoost's threads spin while they wait for each other, which on cores that are busy takes ten times as long.
process.env.OMP_WAIT_POLICY ??= "passive";
// Tests say themselves which environment and account they are about.
delete process.env.VWT_ENVIRONMENT;
delete process.env.VWT_ACCOUNT_ID;

/** Packages that are loaded once for all test files: see `__tests__/outside.cjs`. */
const OUTSIDE = ["@aws-sdk", "@smithy", "zod", "ajv", "ajv-formats", "fast-check", "solc", "viem"];

/** @type {import("jest").Config} */
const shared = {
  testEnvironment: "<rootDir>/__tests__/environment.ts",
  transform: {
    [`/node_modules/(${OUTSIDE.join("|")})/.+\\.[cm]?js$`]: "<rootDir>/__tests__/outside.cjs",
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${OUTSIDE.join("|")})/)`],
  modulePathIgnorePatterns: ["<rootDir>/(cdktf.out|dist|.local|.venv|.venv-checkov|.venv-moto|.cache)/"],
};

module.exports = {
  // Against what hangs. How fast a machine is must not decide whether a test passes.
  testTimeout: 600_000,
  testSequencer: "./__tests__/e2e/setup/sequencer.cjs",
  projects: ["unit", "synth", "e2e", "production", "moto"].map((name) => ({
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/__tests__/${name}/**/*.test.ts`],
    ...(name === "synth" && { testEnvironment: "<rootDir>/__tests__/synth/environment.ts" }),
    ...(name === "e2e" && {
      globalSetup: "<rootDir>/__tests__/e2e/setup/global-setup.ts",
      globalTeardown: "<rootDir>/__tests__/e2e/setup/global-teardown.ts",
    }),
    ...(name === "production" && {
      globalSetup: "<rootDir>/__tests__/production/global-setup.ts",
      globalTeardown: "<rootDir>/__tests__/production/global-teardown.ts",
    }),
  })),
};
