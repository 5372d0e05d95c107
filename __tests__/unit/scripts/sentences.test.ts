import { ConfigError, loadConfig } from "../../../config";
import { UserError } from "../../../scripts/lib/process";
import { type Place, sentenceOf } from "../../../scripts/lib/sentences";
import { refuseOthers, requireAccount } from "../../../scripts/lib/target";

const local: Place = { environment: "local", log: ".local/system/emulator.log" };
const aws: Place = { environment: "production", log: "" };

const named = (name: string, message = "it says so") => Object.assign(new Error(message), { name });
const coded = (code: string, message = `connect ${code} 127.0.0.1:4566`) => Object.assign(new Error(message), { code });

/** Faults, the place of each, and the sentence that people are told. */
test.each<[string, unknown, Place, string]>([
  [
    "a dying emulator",
    coded("ECONNREFUSED"),
    local,
    "does not answer any more (connect ECONNREFUSED 127.0.0.1:4566). Its last words are in .local/system/emulator.log; npm start brings it back.",
  ],
  [
    "one that dies in the middle",
    coded("ECONNRESET", "socket hang up"),
    local,
    "The local system does not answer any more (socket hang up)",
  ],
  [
    "one that dies as fetch asks it",
    new TypeError("fetch failed", { cause: coded("UND_ERR_SOCKET", "other side closed") }),
    local,
    "(other side closed)",
  ],
  [
    "one that nothing is left of",
    new TypeError("fetch failed", { cause: new AggregateError([coded("ECONNREFUSED")], "") }),
    local,
    "(connect ECONNREFUSED",
  ],
  [
    "one that hangs",
    named("TimeoutError", "The operation was aborted due to timeout"),
    local,
    "does not answer any more",
  ],
  [
    "no network",
    coded("ENOTFOUND", "getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com"),
    aws,
    "AWS cannot be reached (getaddrinfo ENOTFOUND sts.eu-west-1.amazonaws.com). Check the connection, and the region of config/production.ts.",
  ],
  [
    "no credentials",
    named("CredentialsProviderError", "Could not load credentials from any providers"),
    aws,
    "AWS does not accept the credentials (Could not load credentials from any providers). Sign in, or set AWS_PROFILE.",
  ],
  ["credentials that ran out", named("ExpiredTokenException"), aws, "Sign in, or set AWS_PROFILE."],
  ["credentials of nobody", named("UnrecognizedClientException"), aws, "Sign in, or set AWS_PROFILE."],
  ["another emulator's token", named("SignatureDoesNotMatch"), local, "npm stop && npm start"],
  [
    "too few permissions",
    named("AccessDeniedException", "User: u is not authorized to perform: states:StartExecution."),
    aws,
    "states:StartExecution. Ask for the permission",
  ],
  ["throttling", named("ThrottlingException", "Rate exceeded"), aws, "Run the command again in a minute."],
  [
    "no state machine",
    named("StateMachineDoesNotExist", "State Machine Does Not Exist: arn."),
    aws,
    "production is not deployed, or not as this code has it: State Machine Does Not Exist: arn. Deploy it: VWT_ENVIRONMENT=production npm run cdktf -- deploy '*'",
  ],
  [
    "no registry",
    named("ValidationException", "ModelPackageGroup m does not exist."),
    local,
    "local is not deployed, or not as this code has it: ModelPackageGroup m does not exist. Deploy it: npm start",
  ],
  ["no table", named("ResourceNotFoundException", "Requested resource not found."), aws, "is not deployed"],
  ["no function", named("ResourceNotFoundException", "Function not found: arn."), aws, "is not deployed"],
  [
    "a full disk",
    coded("ENOSPC", "ENOSPC: no space left on device, write"),
    local,
    "ENOSPC: no space left on device, write. Make room",
  ],
  [
    "a read-only folder",
    coded("EROFS", "EROFS: read-only file system, mkdir '/x'"),
    local,
    "let this user write there",
  ],
  ["our own words", new UserError("Name a model: a, b"), local, "Name a model: a, b"],
])("%s", (_, error, place, words) => {
  expect(sentenceOf(error, place)).toContain(words);
});

test("an environment that there is not is named, with those that there are", () => {
  const wrong = () => loadConfig("prod");
  expect(wrong).toThrow(ConfigError);
  expect(wrong).toThrow('There is no environment "prod". Set VWT_ENVIRONMENT to one of local, development, production');
});

test("stacks of another environment than VWT_ENVIRONMENT's are refused with the right one", () => {
  const words =
    "production-api is a stack of production, and this is local. Name the environment: VWT_ENVIRONMENT=production";
  expect(() => refuseOthers("local", ["production-api"])).toThrow(words);
  expect(() => refuseOthers("production", ["production-api", "--auto-approve", "*"])).not.toThrow();
});

test("an environment without an account of AWS is refused, unless it is on an emulator", () => {
  const before = process.env.AWS_ENDPOINT_URL;
  delete process.env.AWS_ENDPOINT_URL;
  expect(() => requireAccount(loadConfig("production"))).toThrow("Set VWT_ACCOUNT_ID to its 12 digits");
  process.env.AWS_ENDPOINT_URL = "http://127.0.0.1:1";
  expect(() => requireAccount(loadConfig("production"))).not.toThrow();
  if (before === undefined) delete process.env.AWS_ENDPOINT_URL;
  else process.env.AWS_ENDPOINT_URL = before;
});

test.each([
  ["a fault of our own", new TypeError("x is undefined"), "This should not have happened: TypeError: x is undefined"],
  [
    "a refusal that we did not think of",
    named("ValidationException", "Value null\n at 'x'"),
    "ValidationException: Value null at 'x'",
  ],
  ["what is no error at all", "no", "This should not have happened: Error: no"],
  ["nothing", undefined, "This should not have happened: Error: undefined"],
])("%s has no stack either, and says how to get it", (_, error, words) => {
  const said = sentenceOf(error, local);
  expect(said).toContain(words);
  expect(said).toContain("VWT_DEBUG=1");
  expect(said).not.toContain("    at ");
});
