import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CHECKOV, pythonEnvironment } from "../../scripts/lib/prerequisites";
import { run } from "../../scripts/lib/process";
import { EXEMPTIONS } from "./checkov-exemptions";
import { synthesize } from "./synthesize";

interface Check {
  readonly check_id: string;
  readonly check_name: string;
  readonly file_path: string;
  /** `<type>.<id>` from some checks, `resource.<id>` from others. */
  readonly resource: string;
}
interface Report {
  readonly passed_checks: readonly Check[];
  readonly failed_checks: readonly Check[];
}

/** Has checkov read a folder of Terraform. Its command line would load the readers of twenty other formats first. */
const CHECKOV_OF_TERRAFORM = `
import json, sys
from checkov.runner_filter import RunnerFilter
from checkov.terraform_json.runner import TerraformJsonRunner
report = TerraformJsonRunner().run(root_folder=sys.argv[1], runner_filter=RunnerFilter(framework=["terraform_json"]))
fields = ("check_id", "check_name", "file_path", "resource")
told = lambda checks: [{field: getattr(check, field) for field in fields} for check in checks]
print(json.dumps({kind: told(getattr(report, kind)) for kind in ("passed_checks", "failed_checks")}))
`;

const { all } = synthesize("production");
let report: Report;

beforeAll(async () => {
  const python = await pythonEnvironment(() => {}, CHECKOV);
  const folder = mkdtempSync(join(tmpdir(), "vwt-checkov-"));
  try {
    for (const { name, json } of all) {
      // checkov reads nothing at all of a stack whose required version is a string, and does not say so.
      const { required_version: _, ...terraform } = json.terraform as Record<string, unknown>;
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "cdk.tf.json"), JSON.stringify({ ...json, terraform }));
    }
    const { stdout } = await run(python, ["-c", CHECKOV_OF_TERRAFORM, folder]);
    report = JSON.parse(stdout);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}, 600_000);

/** `<stack> <type>.<id>`. */
const addressOf = ({ file_path, resource }: Check): string => {
  const stack = all.find(({ name }) => file_path.includes(`/${name}/`));
  const id = resource.slice(resource.indexOf(".") + 1);
  return `${stack?.name} ${stack?.addresses.find((address) => address.endsWith(`.${id}`))}`;
};

const findings = () =>
  report.failed_checks.map((check) => ({
    id: check.check_id,
    address: addressOf(check),
    says: check.check_name,
  }));

test("checkov has read every stack", () => {
  const read = new Set(report.passed_checks.map((check) => addressOf(check).split(" ")[0]));
  expect([...read].sort()).toEqual(all.map(({ name }) => name).sort());
  expect(report.passed_checks.length).toBeGreaterThan(400);
});

test("whatever checkov finds in production is mended, or exempt for a reason", () => {
  expect(findings().filter(({ id, address }) => EXEMPTIONS[id]?.on.test(address) !== true)).toEqual([]);
});

test("no exemption outlives what it was for", () => {
  const found = findings();
  const stale = Object.entries(EXEMPTIONS).filter(
    ([id, { on }]) => !found.some((finding) => finding.id === id && on.test(finding.address)),
  );
  expect(stale.map(([id]) => id)).toEqual([]);
});
