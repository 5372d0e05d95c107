import fc from "fast-check";
import { LABELLING_MODES, type LabellingMode, type LabellingProvider } from "../../../catalogue/labelling/modes";
import { checkRequest, LABELLING_BOUNDS, type RequestPolicy } from "../../../contracts/retrain-request";

const MODEL = "gambling-behaviour-problem-gambling";
const VERSION = "20261123-134207-8ed339";
const policy: RequestPolicy = {
  approval: "manual",
  labelling: {
    provider: "own",
    minimumForAutomatic: 5000,
    maximumTasks: 500,
    votesToAgree: 2,
    mostVotes: 3,
    deadlineInSeconds: 259_200,
  },
  requestsMayLoosen: false,
};
const policies = { [MODEL]: policy, "gambling-behaviour-marketing": policy };
const loose = { [MODEL]: { ...policy, requestsMayLoosen: true } };
const groundTruth = {
  workteamArn: "arn:aws:sagemaker:eu-west-1:111122223333:workteam/private-crowd/labellers",
  preHumanTaskLambdaArn: "arn:aws:lambda:eu-west-1:568282634449:function:PRE-TextMultiClass",
  consolidationLambdaArn: "arn:aws:lambda:eu-west-1:568282634449:function:ACS-TextMultiClass",
};

const problem = (input: unknown, of: Readonly<Record<string, RequestPolicy>> = policies) => {
  const checked = checkRequest(input, of);
  return "problem" in checked ? checked.problem : undefined;
};

test.each([
  [{}],
  [{ force: true, approval: "manual", approvalDeadlineInSeconds: 60, trigger: "alarm" }],
  [{ labelling: { mode: "people", votesToAgree: 3, maximumTasks: 20, deadlineInSeconds: 5 } }],
  [{ labelling: { mode: "outcome" } }],
  [{ version: VERSION }],
  [{ version: VERSION, override: "The champion answers nonsense; decided by the duty manager." }],
  [{ version: "initial" }],
])("a request with %j is what is gone on with", (fields) => {
  expect(checkRequest({ model: MODEL, ...fields }, policies)).toEqual({ request: { model: MODEL, ...fields } });
});

test("a model's name alone is a request", () => {
  expect(checkRequest(MODEL, policies)).toEqual({ request: { model: MODEL } });
});

test.each([
  [null, "null is neither a model's name nor an object"],
  [7, "7 is neither"],
  [true, "true is neither"],
  [[], "[] is neither"],
  [[MODEL], "is neither a model's name"],
  [{}, `model must be one of ${MODEL}, gambling-behaviour-marketing, not missing`],
  ["horoscopes", 'not "horoscopes"'],
  ["__proto__", 'not "__proto__"'],
  [{ model: null }, "not null"],
  [{ model: ` ${MODEL}` }, "model must be one of"],
  [JSON.parse("[".repeat(50_000) + "]".repeat(50_000)), "something nested too deeply is neither"],
])("asks for nothing that there is, case %#", (input, said) => {
  expect(problem(input)).toContain(said);
});

test.each<[object, string]>([
  [{ approval: null }, "approval must be one of automatic, manual (found null)"],
  [{ approval: "Automatic" }, 'approval must be one of automatic, manual (found "Automatic")'],
  [{ approval: "Manual" }, "approval must be one of"],
  [{ approval: true }, "approval must be one of"],
  [{ approval: "automatic" }, "the model's configuration wants a person"],
  [{ aproval: "manual" }, "aproval is no field of a request; there are force, approval"],
  [{ toString: "x" }, "toString is no field of a request"],
  [{ approval: "x".repeat(9999) }, `(found "${"x".repeat(59)}…)`],
  [Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`field${n}`, n])), "; 20 more"],
  [{ force: "true" }, 'force must be true or false (found "true")'],
  [{ force: null }, "force must be true or false"],
  [{ approvalDeadlineInSeconds: 0 }, "must be a whole number from 1 to 2592000"],
  [{ approvalDeadlineInSeconds: "60" }, "must be a whole number from 1 to 2592000"],
  [{ labelling: null }, 'labelling must be an object such as {"mode": "people"}'],
  [{ labelling: "people" }, "labelling must be an object"],
  [{ labelling: ["people"] }, "labelling must be an object"],
  [{ labelling: { mode: "peple" } }, "mode must be one of outcome, people, automatic, ground-truth"],
  [{ labelling: { votesToAgree: 0 } }, "votesToAgree must be a whole number from 1 to 9"],
  [{ labelling: { votesToAgree: 1 } }, "votesToAgree must be at least the configured 2"],
  [{ labelling: { votesToAgree: 4 } }, "votesToAgree 4 is more than mostVotes 3"],
  [{ labelling: { mostVotes: 1 } }, "votesToAgree 2 is more than mostVotes 1"],
  [{ labelling: { mostVotes: 2.5 } }, "mostVotes must be a whole number"],
  [{ labelling: { maximumTasks: -1 } }, "maximumTasks must be a whole number from 1 to 5000"],
  [{ labelling: { deadlineInSeconds: "abc" } }, "deadlineInSeconds must be a whole number"],
  [{ labelling: { minimumForAutomatic: 100 } }, "minimumForAutomatic must be at least the configured 5000"],
  [{ labelling: { provider: "none" } }, "provider is no field of a labelling"],
  [{ labelling: { precision: 0 } }, "precision is no field of a labelling"],
  [
    { labelling: { groundTruth: { workteamArn: "arn:aws:sagemaker:x" } } },
    "groundTruth must be an object with the ARNs",
  ],
  [{ labelling: { groundTruth: { ...groundTruth, extra: "arn:aws:lambda:x" } } }, "groundTruth must be"],
  [{ version: "latest" }, 'version must be a version such as 20261123-134207-8ed339, or "initial"'],
  [{ version: `${VERSION}/../x` }, "version must be a version"],
  [{ version: VERSION, force: true }, "version trains nothing, so force must be left out"],
  [{ version: VERSION, override: "" }, "override must be the reason"],
  [{ version: VERSION, override: "two\nlines" }, "override must be the reason, in 1 to 500 characters on one line"],
  [{ override: "why" }, "override belongs to a version"],
  [{ trigger: "moon" }, "trigger must be one of alarm, schedule, person"],
])("%j is refused in words", (fields, said) => {
  expect(problem({ model: MODEL, ...fields })).toContain(said);
});

test("everything that is wrong is named at once", () => {
  const said = problem({ model: MODEL, force: 1, approval: 1, x: 1 });
  for (const field of ["force", "approval", "x"]) expect(said).toContain(`${field} `);
});

const labelledBy = (provider: LabellingProvider) => ({
  [MODEL]: {
    ...policy,
    labelling: { ...policy.labelling, provider, ...(provider === "ground-truth" && { groundTruth }) },
  },
});

test.each<[LabellingProvider, readonly LabellingMode[]]>([
  ["none", ["outcome"]],
  ["own", ["outcome", "people"]],
  ["ground-truth", ["outcome", "ground-truth"]],
])("with provider %s a request may ask for %j, and for no other labels", (provider, allowed) => {
  for (const mode of LABELLING_MODES) {
    const said = problem({ model: MODEL, labelling: { mode } }, labelledBy(provider));
    if (allowed.includes(mode)) expect(said).toBeUndefined();
    else
      expect(said).toContain(
        `mode must be one of ${allowed.join(", ")}, because the configured provider is ${provider}`,
      );
    expect(problem({ model: MODEL, labelling: { mode } }, loose)).toBeUndefined();
  }
});

test("records go to the configured work team, or to another where requests may loosen", () => {
  const other = { ...groundTruth, workteamArn: "arn:aws:sagemaker:eu-west-1:444455556666:workteam/private-crowd/x" };
  const asked = (arns: object) => ({ model: MODEL, labelling: { mode: "ground-truth", groundTruth: arns } });
  expect(problem(asked(groundTruth), labelledBy("ground-truth"))).toBeUndefined();
  expect(problem(asked(other), labelledBy("ground-truth"))).toContain("groundTruth must be the configured one");
  expect(problem({ model: MODEL, labelling: { groundTruth } })).toContain("groundTruth must be the configured one");
  expect(problem(asked(other), loose)).toBeUndefined();
});

test("a request may be less strict only where the configuration says so", () => {
  for (const fields of [
    { approval: "automatic" },
    { labelling: { votesToAgree: 1 } },
    { labelling: { mode: "automatic" } },
  ]) {
    expect(problem({ model: MODEL, ...fields })).toBeDefined();
    expect(problem({ model: MODEL, ...fields }, loose)).toBeUndefined();
  }
  // Never beyond what a configuration could say.
  expect(problem({ model: MODEL, labelling: { votesToAgree: 0 } }, loose)).toBeDefined();
});

test("whatever is sent, the answer is words or a request that keeps every bound", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.jsonValue(), fc.record({ model: fc.constant(MODEL), labelling: fc.jsonValue() })),
      (input) => {
        const checked = checkRequest(input, policies);
        if ("problem" in checked) {
          expect(checked.problem.length).toBeGreaterThan(0);
          return;
        }
        const { labelling = {}, approval = "manual" } = checked.request;
        expect(approval).toBe("manual");
        for (const [name, { least, most }] of Object.entries(LABELLING_BOUNDS)) {
          const value = labelling[name as keyof typeof LABELLING_BOUNDS];
          if (value !== undefined) expect(value >= least && value <= most).toBe(true);
        }
      },
    ),
  );
});
