/** @type {import("jest").Config} */
const shared = {
  testEnvironment: "node",
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2022" } }],
  },
  modulePathIgnorePatterns: ["<rootDir>/(cdktf.out|dist|.local|.venv|.cache)/"],
};

module.exports = {
  projects: ["unit", "synth", "e2e"].map((name) => ({
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/__tests__/${name}/**/*.test.ts`],
  })),
};
