import { jsonata, machineWith, partWith } from "../../../modules/pipelines/asl";
import { failure, orElse, step } from "../../../modules/pipelines/failures";
import { PATIENT, retryOf } from "../../../modules/pipelines/retries";
import { invokeAndWait, task } from "../../../modules/pipelines/tasks";
import { objectOf, variables } from "../../../modules/pipelines/variables";

interface Variables {
  readonly plan: { readonly runId: string; readonly compute: { readonly instanceType: string } };
  readonly best?: { readonly name: string };
}

const { plan, best } = variables<Variables>();
const part = partWith<Variables>();
const machine = machineWith<Variables>();

describe("a path of a variable", () => {
  test("becomes its text in a template", () => {
    expect(`${plan}, ${plan.compute.instanceType}, ${best.name}`).toBe("$plan, $plan.compute.instanceType, $best.name");
    expect(jsonata(plan.runId)).toBe("{% $plan.runId %}");
    expect(objectOf({ run: plan.runId, one: "1" })).toBe("{ 'run': $plan.runId, 'one': 1 }");
  });

  test("does not compile when the variable has no such field", () => {
    // @ts-expect-error: compute has no instanceKind.
    expect(`${plan.compute.instanceKind}`).toBe("$plan.compute.instanceKind");
    // @ts-expect-error: a text has no fields.
    expect(`${plan.runId.length}`).toBe("$plan.runId.length");
  });
});

describe("states", () => {
  const Fetch = (next: "Store" | "Nowhere") => task("aws-sdk:ssm:getParameter", { Next: next });

  test("go to each other, to the exits of their part and to Failed", () => {
    const { Fetch: fetch, Store: store } = part({ done: "Done" } as const, {
      Fetch: step("Fetch", task("aws-sdk:ssm:getParameter", { Assign: { best: "x" }, Next: "Store" })),
      Store: orElse(task("aws-sdk:ssm:putParameter", { Next: "Done" }), "Done"),
    });
    expect(fetch).toMatchObject({
      Next: "Store",
      Catch: [{ ErrorEquals: ["States.ALL"], Assign: { failure: { step: "Fetch" } }, Next: "Failed" }],
    });
    expect(store).toMatchObject({ Next: "Done", Catch: [{ ErrorEquals: ["States.ALL"], Next: "Done" }] });
  });

  test("that go nowhere do not compile: neither in a part, nor in a machine of parts", () => {
    part({ done: "Done" } as const, {
      Store: { Type: "Pass", Next: "Done" },
      // @ts-expect-error: no state, and no exit, is called Nowhere.
      Fetch: Fetch("Nowhere"),
    });
    // @ts-expect-error: the exit of the part is no state of the machine.
    machine("Fetch", { ...part({ done: "Done" } as const, { Fetch: { Type: "Pass", Next: "Done" } }) });
    // @ts-expect-error: a machine begins with one of its states.
    machine("Begin", { Fetch: { Type: "Succeed" } });
    // @ts-expect-error: whatever fails goes to Failed, which is missing.
    machine("Fetch", { Fetch: { Type: "Pass", ...failure("Fetch", "Error", "cause") } });
  });

  test("of one name in two parts are refused, nested ones too; the same part twice is one", () => {
    const make = () =>
      part({ done: "Failed" } as const, { Fetch: { Type: "Pass", Next: "Failed" }, Failed: { Type: "Succeed" } });
    const one = make();
    const other = part({ done: "Failed" } as const, { ...make(), Store: { Type: "Pass", Next: "Fetch" } });
    const twice = 'Two parts of the state machine have a state named "Fetch"; rename it in one of them';
    expect(() => machine("Fetch", { ...one, ...other })).toThrow(twice);
    expect(() => machine("Fetch", { ...other, ...one })).toThrow(twice);
    expect(() => machine("Fetch", { ...one, Fetch: { Type: "Succeed" } })).toThrow(twice);
    expect(Object.keys(machine("Fetch", { ...other, ...other }).States)).toEqual(["Fetch", "Failed", "Store"]);
  });

  test("that assign what is no variable do not compile", () => {
    part(
      {},
      {
        // @ts-expect-error: worst is no variable.
        Fetch: { Type: "Pass", Assign: { worst: 1 }, Next: "Failed" },
      },
    );
    part(
      {},
      {
        // @ts-expect-error: nor within a task.
        Fetch: step("Fetch", task("aws-sdk:ssm:getParameter", { Assign: { best: 1, worst: 1 }, Next: "Failed" })),
      },
    );
  });
});

test("a call of a service whose passing errors nobody has looked up is refused", () => {
  expect(() => retryOf("aws-sdk:glue:startJobRun", PATIENT)).toThrow(
    "PASSING_ERRORS has no row for aws-sdk:glue:startJobRun",
  );
});

test("a function that is waited for is given the task token", () => {
  expect(invokeAndWait("arn", { model: "m" }, { TimeoutSeconds: "{% 1 %}", Next: "Next" })).toMatchObject({
    Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken",
    Arguments: { FunctionName: "arn", Payload: { model: "m", token: "{% $states.context.Task.Token %}" } },
  });
});
