/** @type {import("jest").Config} */
const shared = {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }],
  },
  modulePathIgnorePatterns: ["<rootDir>/(cdktf.out|dist|.local|.venv|.venv-checkov|.cache)/"],
};

module.exports = {
  testSequencer: "./__tests__/e2e/setup/sequencer.cjs",
  projects: ["unit", "synth", "e2e"].map((name) => ({
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/__tests__/${name}/**/*.test.ts`],
    ...(name === "e2e" && {
      globalSetup: "<rootDir>/__tests__/e2e/setup/global-setup.ts",
      globalTeardown: "<rootDir>/__tests__/e2e/setup/global-teardown.ts",
      setupFilesAfterEnv: ["<rootDir>/__tests__/e2e/setup/time-out.ts"],
    }),
  })),
};
