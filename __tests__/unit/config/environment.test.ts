test("a file for another environment than its name says is refused, before anything is planned for it", () => {
  jest.isolateModules(() => {
    jest.doMock("../../../config/development", () => {
      const { development } = jest.requireActual("../../../config/development");
      return { development: { ...development, environment: "production" } };
    });
    const { loadConfig } = require("../../../config") as typeof import("../../../config");
    expect(() => loadConfig("development")).toThrow(
      'config/development.ts cannot be used:\n  - environment: must be "development", as the file is called; correct it (found "production")',
    );
  });
});
