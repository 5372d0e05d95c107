import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deployOrAfresh, isDisagreement, setAside } from "../../../scripts/lib/unfinished";

const folder = mkdtempSync(join(tmpdir(), "vwt-unfinished-"));
const marker = join(folder, "unfinished");
afterEach(() => rmSync(marker, { force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

const EXISTS = "Error: creating IAM Role (r): EntityAlreadyExists: it is there\n\n  with aws_iam_role.r (r),";
const INIT = "Error: Failed to query available provider packages: no available releases match, not found in /mirror";

const works = async () => "deployed";
const fails =
  (message = EXISTS) =>
  async (): Promise<string> => {
    throw new Error(message);
  };
const never = fails("must not be called");

test("a deployment that works leaves no mark", async () => {
  expect(await deployOrAfresh(marker, works, never)).toBe("deployed");
  expect(existsSync(marker)).toBe(false);
});

test("a failure is the user's to see the first time, and is remembered", async () => {
  await expect(deployOrAfresh(marker, fails(), never)).rejects.toThrow("EntityAlreadyExists");
  expect(existsSync(marker)).toBe(true);
});

test("after an unfinished deployment, one that works needs nothing more", async () => {
  writeFileSync(marker, "");
  expect(await deployOrAfresh(marker, works, never)).toBe("deployed");
  expect(existsSync(marker)).toBe(false);
});

test("after an unfinished deployment, one that meets what was broken off starts afresh", async () => {
  writeFileSync(marker, "");
  expect(await deployOrAfresh(marker, fails(), async () => "from nothing")).toBe("from nothing");
  expect(existsSync(marker)).toBe(false);
});

test("after an unfinished deployment, a failure that starting afresh cannot mend forgets nothing", async () => {
  for (let again = 0; again < 2; again += 1) {
    writeFileSync(marker, "");
    await expect(deployOrAfresh(marker, fails(INIT), never)).rejects.toThrow("provider packages");
    expect(existsSync(marker)).toBe(true);
  }
});

test("when starting afresh fails too, that failure is shown", async () => {
  writeFileSync(marker, "");
  await expect(deployOrAfresh(marker, fails(), fails("no disk"))).rejects.toThrow("no disk");
  expect(existsSync(marker)).toBe(true);
});

test.each([
  [EXISTS, true],
  ["Error: reading SSM Parameter (p): ParameterNotFound\n\n  with aws_ssm_parameter.p,", true],
  ["Error: creating Lambda Alias: ResourceConflictException: 409\n  with aws_lambda_alias.a,", true],
  [INIT, false],
  ["Error: Could not retrieve the list of available versions: no such host", false],
  ["Error: Failed to install provider: mkdir /root/.terraform.d: read-only file system", false],
  [
    "Error: creating S3 Bucket (b): dial tcp 127.0.0.1:4566: connect: connection refused\n  with aws_s3_bucket.b,",
    false,
  ],
  [
    "Error: creating EventBridge Rule: ValidationException: Parameter ScheduleExpression is not valid.\n  with aws_x.y,",
    false,
  ],
  ["config/local.ts cannot be used: api.stage does not exist", false],
])("%s: starting afresh mends it: %s", (said, mends) => {
  expect(isDisagreement(said)).toBe(mends);
});

test("parts that are set aside are kept until the next time, and nothing else is touched", () => {
  const [system, aside] = [join(folder, "system"), join(folder, "system", "set-aside")];
  for (const round of ["first", "second"]) {
    mkdirSync(join(system, "state"), { recursive: true });
    writeFileSync(join(system, "state", round), "");
    writeFileSync(join(system, "emulator.json"), "");
    setAside(system, ["state", "local"], aside);
    expect([readdirSync(system).sort(), readdirSync(join(aside, "state"))]).toEqual([
      ["emulator.json", "set-aside"],
      [round],
    ]);
  }
});
