import validate from "asl-validator";
import { models } from "../../catalogue/models";
import { list, statements, synthesize } from "./synthesize";

const { stepFunctions } = synthesize("production");
const machine = stepFunctions.one("aws_sfn_state_machine");

interface States {
  readonly [name: string]: {
    readonly Type: string;
    readonly Next?: string;
    readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
    readonly ItemProcessor?: { readonly StartAt: string; readonly States: States };
    readonly End?: boolean;
    readonly Choices?: readonly { readonly Next: string }[];
    readonly Default?: string;
  };
}
// Terraform fills the references in; for the shape any text does.
const definition = JSON.parse((machine.definition as string).replace(/\$\{[^}]+\}/g, "reference")) as {
  States: States;
};
const perModel = definition.States["Each model"]?.ItemProcessor?.States as States;

describe("main state machine", () => {
  test("is valid Amazon States Language", () => {
    const { isValid, errorsText } = validate(definition);
    expect(isValid ? "" : errorsText("\n")).toBe("");
  });

  /** The way of a run in which every choice falls on `choices`, or on its default. */
  function walk(start: string, choices: Readonly<Record<string, string>>): string[] {
    const path: string[] = [];
    for (let name: string | undefined = start; name && path.length < 40; ) {
      const state: States[string] | undefined = perModel[name];
      path.push(name);
      name = choices[name] ?? state?.Next ?? state?.Default;
    }
    return path;
  }
  const SERVE = [
    "Note champion",
    "Update endpoint",
    "Wait for endpoint",
    "Describe endpoint",
    "Endpoint switched?",
    "Probe",
    "Write serving record",
  ];
  const PRUNE = ["List versions", "Prune", "Promoted or rolled back?"];
  const END = ["Release", "Done"];
  const TO_VERDICT = [
    "Plan",
    "Anything to train on?",
    "Preprocess",
    "Enough rows?",
    "Choose compute",
    "Train",
    "Evaluate",
    "Gate",
    "Register",
    "Record run",
    "Good enough?",
  ];
  const happy = {
    "Anything to train on?": "Preprocess",
    "Enough rows?": "Choose compute",
    "Endpoint switched?": "Probe",
  };

  test("goes plan → preprocess → train → evaluate → gate → register → promote → prune", () => {
    expect(walk("Plan", happy)).toEqual([
      ...TO_VERDICT,
      "Create model",
      "Create endpoint configuration",
      ...SERVE,
      ...PRUNE,
      "Promoted",
      ...END,
    ]);
  });

  test("a candidate that is rejected is registered and recorded, and touches no endpoint", () => {
    expect(walk("Plan", { ...happy, "Good enough?": "Rejected" })).toEqual([...TO_VERDICT, "Rejected", ...END]);
  });

  test("a roll-back goes the same verified way as a promotion", () => {
    expect(walk("Find version", { ...happy, "Promoted or rolled back?": "Rolled back" })).toEqual([
      "Find version",
      ...SERVE,
      ...PRUNE,
      "Rolled back",
      ...END,
    ]);
  });

  test("a new model that fails the probe gives way to the champion, which is probed too", () => {
    expect(walk("Restore champion", { "Champion back?": "Probe champion" })).toEqual([
      "Restore champion",
      "Wait for champion",
      "Describe champion",
      "Champion back?",
      "Probe champion",
      "Champion restored",
      "Failed",
      ...END,
    ]);
  });

  test("every state that calls something catches everything, and ends as failed before the promotion counts", () => {
    const calling = Object.entries(perModel).filter(([, { Type }]) => ["Task", "Map"].includes(Type));
    expect(calling.length).toBeGreaterThanOrEqual(14);
    for (const [name, { Catch }] of calling) {
      const remedies: Readonly<Record<string, string>> = {
        Train: "Capacity?",
        Claim: "Is it held?",
        Release: "Done",
        Probe: "Restore champion",
        "Restore champion": "Champion lost",
        "Describe champion": "Champion lost",
        "Probe champion": "Champion silent",
      };
      const next = PRUNE.includes(name) ? "Promoted or rolled back?" : (remedies[name] ?? "Failed");
      expect([name, Catch]).toEqual([name, [expect.objectContaining({ ErrorEquals: ["States.ALL"], Next: next })]]);
    }
  });

  test("every state is reached from the first", () => {
    const reached = new Set<string>();
    const visit = (name: string | undefined) => {
      if (!name || reached.has(name)) return;
      reached.add(name);
      const { Next, Default, Choices = [], Catch = [] } = perModel[name] as States[string];
      for (const next of [Next, Default, ...Choices.map((each) => each.Next), ...Catch.map((each) => each.Next)])
        visit(next);
    };
    visit("Select");
    expect([...reached].sort()).toEqual(Object.keys(perModel).sort());
  });

  test("knows every model of the catalogue", () => {
    const { settings } = (definition.States.Settings as unknown as { Assign: { settings: object } }).Assign;
    expect(Object.keys(settings)).toEqual(models.map(({ name }) => name));
  });

  test("a role passes only to SageMaker, and writes only serving records", () => {
    const [policy] = Object.entries(stepFunctions.all("aws_iam_role_policy")).filter(([id]) =>
      id.startsWith("main_role_policy"),
    );
    const granted = statements(policy?.[1].policy);
    const passes = granted.filter(({ Action }) => Action === "iam:PassRole");
    expect(passes).toHaveLength(models.length);
    for (const { Condition } of passes) {
      expect(Condition).toEqual({ StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } });
    }
    const writes = granted
      .filter(({ Action }) => list(Action).includes("ssm:PutParameter"))
      .flatMap(({ Resource }) => list(Resource));
    expect(writes).toHaveLength(models.length * 2);
    for (const write of writes) expect(write).toMatch(/_endpoint_(serving-record|last-run)_/);
  });
});

describe("schedules", () => {
  test.each(models.map(({ name }) => name))("%s has its own time horizon", (name) => {
    expect(stepFunctions.one("aws_scheduler_schedule", { name: `vwt-production-${name}` })).toMatchObject({
      schedule_expression: "rate(7 days)",
      state: "ENABLED",
      target: { input: JSON.stringify({ models: [name] }) },
    });
  });
});
