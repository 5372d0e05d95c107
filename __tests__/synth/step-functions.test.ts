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

  test("goes plan → preprocess → train → promote", () => {
    const path: string[] = [];
    for (let name: string | undefined = "Plan"; name; ) {
      const state: States[string] | undefined = perModel[name];
      path.push(name);
      name = state?.Next ?? state?.Choices?.[0]?.Next;
    }
    expect(path).toEqual([
      "Plan",
      "Anything to train on?",
      "Preprocess",
      "Enough rows?",
      "Train",
      "Create model",
      "Create endpoint configuration",
      "Update endpoint",
      "Wait for endpoint",
      "Describe endpoint",
      "Endpoint switched?",
      "Write serving record",
      "Promoted",
    ]);
  });

  test("every state that calls something catches everything and ends as failed", () => {
    const calling = Object.entries(perModel).filter(([, { Type }]) => ["Task", "Map"].includes(Type));
    expect(calling.length).toBeGreaterThanOrEqual(8);
    for (const [name, { Catch }] of calling) {
      expect([name, Catch]).toEqual([name, [expect.objectContaining({ ErrorEquals: ["States.ALL"], Next: "Failed" })]]);
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
    expect(writes).toHaveLength(models.length);
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
