import validate from "asl-validator";
import { models } from "../../catalogue/models";
import { mainStateMachine, type State } from "./states";
import { list, statements, synthesize } from "./synthesize";

const { stepFunctions } = synthesize("production");
const { definition, perModel, settings } = mainStateMachine(stepFunctions);

describe("main state machine", () => {
  test("is valid Amazon States Language", () => {
    const { isValid, errorsText } = validate(definition);
    expect(isValid ? "" : errorsText("\n")).toBe("");
  });

  /** The way of a run in which every choice falls on `choices`, or on its default; so may an error that is a remedy's. */
  function walk(start: string, choices: Readonly<Record<string, string>>): string[] {
    const path: string[] = [];
    for (let name: string | undefined = start; name && path.length < 50; ) {
      const state: State | undefined = perModel[name];
      path.push(name);
      name = choices[name] ?? state?.Next ?? state?.Default;
    }
    return path;
  }
  const PREPARE = ["Plan", "Anything to train on?", "Prepare rows", "Count labels", "Records twice?", "How to label?"];
  const TRAIN = ["Enough rows?", "Choose compute", "Train"];
  const JUDGE = ["Evaluate", "Judge candidate", "Register", "Create model", "Good enough?"];
  const SERVE = [
    "Create endpoint configuration",
    "Look at endpoint",
    "Is it free?",
    "Describe champion",
    "Same instance type?",
    "Update endpoint",
    "Wait for endpoint",
    "Describe endpoint",
    "Endpoint switched?",
    "Probe",
    "Write serving record",
    "Promoted or rolled back?",
  ];
  const END = ["Does it scale?", "Release", "Notify", "Done"];
  const RECORD = ["Record run", "Which verdict?"];
  const PRUNE = ["Prune", ...END];
  const happy = {
    "Anything to train on?": "Prepare rows",
    "Enough rows?": "Choose compute",
    "Is it free?": "Describe champion",
    "Endpoint switched?": "Probe",
    "Which verdict?": "Promoted",
  };
  const PROMOTE = [...SERVE, ...RECORD, "Promoted", ...PRUNE];

  test("goes plan → prepare rows → train → evaluate → judge → register → promote → prune", () => {
    expect(walk("Plan", happy)).toEqual([...PREPARE, ...TRAIN, ...JUDGE, ...PROMOTE]);
  });

  test.each([
    ["people", ["Notify labellers", "Ask people", "Collect labels"]],
    ["a labelling model", ["Train labelling model", "Label automatically", "Ask about the rest"]],
    [
      "Ground Truth",
      [
        "Ground Truth configured?",
        "Check work team",
        "Write labelling manifest",
        "Label with Ground Truth",
        "Collect labels",
      ],
    ],
  ])("%s may label before training", (_, way) => {
    const labelled = {
      ...happy,
      "How to label?": way[0] as string,
      "Ground Truth configured?": "Check work team",
    };
    expect(walk("Plan", labelled)).toEqual([...PREPARE, ...way, ...TRAIN, ...JUDGE, ...PROMOTE]);
  });

  test("hyperparameters are tuned instead of one training", () => {
    expect(walk("Choose compute", { ...happy, "Choose compute": "Tune" })).toEqual([
      "Choose compute",
      "Tune",
      "Describe best",
      ...JUDGE,
      ...PROMOTE,
    ]);
  });

  test("a run that people did not label in time goes on with the labels that came, and is skipped without enough", () => {
    expect(walk("Ask people", { ...happy, "Enough rows?": "Labelling timed out" })).toEqual([
      "Ask people",
      "Collect labels",
      "Enough rows?",
      "Labelling timed out",
      "Failed",
      ...END,
    ]);
    expect(walk("Enough rows?", {})).toEqual(["Enough rows?", "Skipped", ...END]);
  });

  test("a candidate that is rejected is registered with its model and recorded, and touches no endpoint", () => {
    expect(walk("Plan", { ...happy, "Good enough?": "Record run", "Which verdict?": "Rejected" })).toEqual([
      ...PREPARE,
      ...TRAIN,
      ...JUDGE,
      ...RECORD,
      "Rejected",
      ...PRUNE,
    ]);
  });

  test("a roll-back goes the same verified way as a promotion, and leaves no trace of a run with a verdict", () => {
    const approved = { "May it serve?": "Create endpoint configuration", "Promoted or rolled back?": "Rolled back" };
    expect(walk("Find version", { ...happy, ...approved })).toEqual([
      "Find version",
      "Registered version?",
      "Describe version",
      "May it serve?",
      ...SERVE,
      "Rolled back",
      ...PRUNE,
    ]);
  });

  test("a verdict counts as reached only once it was carried out", () => {
    const ends = Object.entries(perModel).filter(([, { Next }]) => Next === "Record run");
    expect(ends).toEqual([]);
    const into = Object.entries(perModel).flatMap(([name, { Default, Choices = [] }]) =>
      [Default, ...Choices.map(({ Next }) => Next)].includes("Record run") ? [name] : [],
    );
    expect(into.sort()).toEqual(["Approved?", "Good enough?", "Promoted or rolled back?"]);
    expect(perModel["Write serving record"]?.Next).toBe("Promoted or rolled back?");
  });

  test("a person's decision is waited for asleep, and read from the registry however the wait ended", () => {
    expect(walk("Notify approver", { ...happy, "Approved?": "Create endpoint configuration" })).toEqual([
      "Notify approver",
      "Wait for approval",
      "Describe approval",
      "Approved?",
      ...PROMOTE,
    ]);
  });

  test("an endpoint whose serving record is not true has it corrected before anything else", () => {
    expect(walk("Claim", { "Does it serve?": "Describe serving configuration" }).slice(0, 8)).toEqual([
      "Claim",
      "Read serving record",
      "Look at serving endpoint",
      "Does it serve?",
      "Describe serving configuration",
      "Describe serving model",
      "Is the record true?",
      "Correct serving record",
    ]);
  });

  test("instances of another type are served from outside of auto scaling, which comes back at every end", () => {
    const other = { ...happy, "Same instance type?": "Deregister scaling", "Does it scale?": "Register scaling" };
    const scaled = ["Does it scale?", "Register scaling", "Put scaling policy", "Release", "Notify", "Done"];
    expect(walk("Same instance type?", other).slice(0, 3)).toEqual([
      "Same instance type?",
      "Deregister scaling",
      "Update endpoint",
    ]);
    expect(walk("Same instance type?", other).slice(-6)).toEqual(scaled);
    expect(walk("Failed", other)).toEqual(["Failed", ...scaled]);
  });

  test("a new model that fails the probe gives way to the champion, which is probed too", () => {
    const choices = { "Can it be restored?": "Restore champion", "Champion back?": "Probe champion" };
    expect(walk("Give up the candidate", choices)).toEqual([
      "Give up the candidate",
      "Look before restoring",
      "Can it be restored?",
      "Restore champion",
      "Wait for champion",
      "Look at champion",
      "Champion back?",
      "Probe champion",
      "Champion restored",
      "Failed",
      ...END,
    ]);
  });

  test("every state that calls something catches everything, and ends as failed before the promotion counts", () => {
    const calling = Object.entries(perModel).filter(([, { Type }]) => ["Task", "Map"].includes(Type));
    expect(calling.length).toBeGreaterThanOrEqual(30);
    const remedies: Readonly<Record<string, string>> = {
      "Train labelling model": "Capacity for labelling?",
      Train: "Capacity?",
      Tune: "Look into tuning",
      "Look into tuning": "Capacity for tuning?",
      Claim: "Is it held?",
      "Look at candidate": "Read serving record",
      Probe: "Give up the candidate",
      "Look before restoring": "Champion lost",
      "Restore champion": "Champion lost",
      "Look at champion": "Champion lost",
      "Probe champion": "Champion silent",
      "Register scaling": "Scaling lost",
      "Put scaling policy": "Scaling lost",
      // Housekeeping: the result stands.
      Prune: "Does it scale?",
      Release: "Notify",
      "Notify labellers": "Ask people",
      "Notify approver": "Wait for approval",
      Notify: "Done",
    };
    const known: Readonly<Record<string, object>> = {
      "Read serving record": { ErrorEquals: ["States.QueryEvaluationError"], Next: "Look at serving endpoint" },
      "Ask people": { ErrorEquals: ["States.Timeout"], Next: "Collect labels" },
      "Wait for approval": { ErrorEquals: ["States.Timeout"], Next: "Describe approval" },
      "Describe holder": {
        ErrorEquals: ["Sfn.ExecutionDoesNotExistException"],
        Next: "Take over",
      },
      "Deregister scaling": {
        ErrorEquals: ["ApplicationAutoScaling.ObjectNotFoundException"],
        Next: "Update endpoint",
      },
    };
    for (const [name, { Catch = [] }] of calling) {
      const next = Catch.map(({ ErrorEquals, Next }) => ({ ErrorEquals, Next }));
      const all = { ErrorEquals: ["States.ALL"], Next: remedies[name] ?? "Failed" };
      expect([name, next]).toEqual([name, name in known ? [known[name], all] : [all]]);
    }
  });

  test("a state that fails says where and why, unless a remedy is tried", () => {
    const said = { failure: { step: expect.any(String), error: expect.any(String), cause: expect.any(String) } };
    for (const [name, { Assign, Catch = [], Next }] of Object.entries(perModel)) {
      for (const caught of Catch.filter((each) => each.Next === "Failed"))
        expect([name, caught.Assign]).toEqual([name, said]);
      // What goes to Failed by itself says so, or adds to what was said.
      if (Next === "Failed") expect([name, Assign]).toEqual([name, { failure: expect.anything() }]);
    }
  });

  test("every state is reached from the first", () => {
    const reached = new Set<string>();
    const visit = (name: string | undefined) => {
      if (!name || reached.has(name)) return;
      reached.add(name);
      const { Next, Default, Choices = [], Catch = [] } = perModel[name] as State;
      for (const next of [Next, Default, ...Choices.map((each) => each.Next), ...Catch.map((each) => each.Next)])
        visit(next);
    };
    visit("Select");
    expect([...reached].sort()).toEqual(Object.keys(perModel).sort());
  });

  test("knows every model of the catalogue", () => {
    expect(Object.keys(settings)).toEqual(models.map(({ name }) => name));
  });

  test("a role passes only to SageMaker, and writes only serving records", () => {
    const [policy] = Object.entries(stepFunctions.all("aws_iam_role_policy")).filter(([id]) =>
      id.startsWith("main_role_policy"),
    );
    const granted = statements(policy?.[1].policy);
    const [passes, ...others] = granted.filter(({ Action }) => list(Action).includes("iam:PassRole"));
    expect(others).toEqual([]);
    expect(list(passes?.Action)).toEqual(["iam:PassRole"]);
    expect(list(passes?.Resource)).toHaveLength(models.length * 2);
    expect(passes?.Condition).toEqual({ StringEquals: { "iam:PassedToService": "sagemaker.amazonaws.com" } });
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
