import fc from "fast-check";
import { Naming, stateBucket } from "../../../modules/base/naming";

const namespace = { project: "vwt", environment: "production", accountId: "111122223333", region: "eu-west-1" };
const naming = new Naming(namespace);
const part = fc.stringMatching(/^[a-z][a-z0-9-]{0,60}[a-z0-9]$/);

describe("naming", () => {
  test("joins project, environment and parts", () => {
    expect(naming.of("function", "filter")).toBe("vwt-production-filter");
    expect(naming.path("models", "x", "serving")).toBe("/vwt/production/models/x/serving");
  });

  test("never passes a service's limit, and long names stay apart", () => {
    fc.assert(
      fc.property(part, part, (a, b) => {
        const [first, second] = [naming.of("bucket", a, "x"), naming.of("bucket", b, "x")];
        expect(first).toMatch(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);
        expect(naming.of("function", a, b).length).toBeLessThanOrEqual(64);
        expect(naming.of("sagemakerPrefix", a).length).toBeLessThanOrEqual(38);
        expect(first === second).toBe(a === b);
      }),
    );
  });

  test("roles of one environment in two regions are apart, and keep to IAM's limit", () => {
    const elsewhere = new Naming({ ...namespace, region: "eu-west-2" });
    expect(naming.of("role", "filter")).toMatch(/^vwt-production-filter-[0-9a-f]{6}$/);
    fc.assert(
      fc.property(part, (name) => {
        expect(naming.of("role", name)).not.toBe(elsewhere.of("role", name));
        expect(naming.of("role", name, "serving").length).toBeLessThanOrEqual(64);
      }),
    );
  });

  test("bucket names differ between accounts and regions", () => {
    const names = [
      stateBucket(namespace),
      stateBucket({ ...namespace, accountId: "444455556666" }),
      stateBucket({ ...namespace, region: "eu-west-2" }),
    ];
    expect(new Set(names).size).toBe(3);
  });
});
