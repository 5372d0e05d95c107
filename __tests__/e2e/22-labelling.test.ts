import { CognitoIdentityProviderClient } from "@aws-sdk/client-cognito-identity-provider";
import { StartExecutionCommand } from "@aws-sdk/client-sfn";
import { MILLISECONDS_PER_DAY } from "../../catalogue/datasets/kit/time";
import type { RetrainRequest } from "../../contracts/retrain-request";
import { type ModelRun, parseRunResults } from "../../contracts/run-result";
import { Naming } from "../../modules/base/naming";
import { addMember, findPool, tokenOf } from "../../scripts/lib/people";
import { executionEnd, executionPath, retrain, stateMachineArn } from "../../scripts/lib/retraining";
import { emulatorSettings, type System, systemOutputs } from "../../scripts/lib/system";
import { judgeable, withRecords } from "./setup/records";
import { eventually, expectProblem, testSystem } from "./setup/system";

const MODEL = "before-initial-deposit-problem-gambling";
const DATASET = "before-initial-deposit";
const OPERATOR = "operator-label";
const TASKS = 6;

interface Labeller {
  readonly call: (method: string, path: string, body?: unknown) => Promise<Response>;
}
interface Task {
  readonly task: string;
  readonly playerId: string;
  readonly features: readonly { readonly name: string; readonly unit: string; readonly value: number | null }[];
}

let system: System;
let dataBucket: string;
let url: string;
let labeller: (name: string, operator?: string) => Promise<Labeller>;
beforeAll(async () => {
  system = await testSystem();
  const naming = new Naming(system.config);
  dataBucket = naming.of("bucket", "data", DATASET);
  const id = systemOutputs(system).api?.["rest-api-id"];
  url = `${system.emulator.url}/_aws/execute-api/${id}/${system.config.api.stage}/labelling`;
  const cognito = new CognitoIdentityProviderClient(emulatorSettings(system.emulator, system.config));
  const pool = await findPool(cognito, naming.of("userPool", "labellers"));
  labeller = async (name, operator = OPERATOR) => {
    const token = await tokenOf(pool, name, await addMember(pool, name, operator, "labellers"));
    return {
      call: (method, path, body) =>
        fetch(`${url}/${path}`, {
          method,
          headers: { authorization: token, "content-type": "application/json" },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        }),
    };
  };
});

// These tests teach the model something else than the sample does; whoever comes next must not have to beat it.
afterAll(async () => {
  await retrain(system, [{ model: MODEL, version: "initial" }]);
});

/** Records of one operator: 700 players with an outcome label, and some of whom nothing is known. */
function records(unknown: number, seed: number): string {
  return judgeable(MODEL, seed, 700 + unknown)
    .map(({ record, probability }, index) => {
      const value = Number(probability > 0.1);
      const at = new Date(Date.parse(record.asOf) + 30 * MILLISECONDS_PER_DAY).toISOString();
      const label = { value, source: "operator", at };
      const outcome = index < 700 ? { label } : {};
      // Other players in every test, because people's labels stay.
      return JSON.stringify({ ...record, playerId: `${seed}-${record.playerId}`, operatorId: OPERATOR, outcome });
    })
    .join("\n");
}

const begin = async (request: Omit<RetrainRequest, "model">) =>
  (
    await system.states.send(
      new StartExecutionCommand({
        stateMachineArn: stateMachineArn(system),
        input: JSON.stringify({ models: [{ model: MODEL, force: true, ...request }] }),
      }),
    )
  ).executionArn as string;

const asked = (arn: string) => eventually(async () => (await executionPath(system, arn)).includes("Ask people"));

/** The tasks that a labeller still has, once there are so many. */
const tasksOf = ({ call }: Labeller, least: number) =>
  eventually(async () => {
    const { tasks } = (await (await call("GET", "tasks?limit=50")).json()) as { tasks: Task[] };
    return tasks.length >= least && tasks;
  });

const answer = async ({ call }: Labeller, { task }: Task, choice: string) => {
  const response = await call("PUT", `tasks/${task}/answer`, { answer: choice });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};

test("nobody labels without a token", async () => {
  for (const authorization of [undefined, "nonsense", "Bearer x.y.z"]) {
    const response = await fetch(`${url}/tasks`, { headers: { ...(authorization && { authorization }) } });
    const { status, headers } = response;
    expectProblem({ status, headers, body: await response.json() }, { status: 401, type: "unauthorized" });
  }
});

test("a request for labelling that makes no sense is refused, with what would", async () => {
  const { status, cause } = await executionEnd(system, await begin({ labelling: "people" as never }));
  expect(status).toBe("FAILED");
  expect(cause).toMatch(
    /failed at Check request: UnsoundRequest: labelling must be an object such as \{"mode": "people"\}/,
  );
});

test("few records go to people: the run waits, two must agree, and their labels are trained on", async () => {
  await withRecords(system, dataBucket, { "records/few.jsonl": records(TASKS, 31) }, async () => {
    const [anna, ben, other] = await Promise.all([
      labeller("anna"),
      labeller("ben"),
      labeller("olga", "operator-other"),
    ]);
    const arn = await begin({});
    await asked(arn);
    const tasks = await tasksOf(anna, TASKS);
    expect(tasks).toHaveLength(TASKS);
    expect(tasks[0]?.features).toContainEqual(expect.objectContaining({ name: "age", unit: "years" }));
    // Another operator's labeller sees none of them, and cannot answer one by its name.
    expect(((await (await other.call("GET", "tasks")).json()) as { tasks: Task[] }).tasks).toEqual([]);
    const first = tasks[0] as Task;
    expect((await answer(other, first, "problem-gambling")).status).toBe(404);
    expect((await answer(anna, first, "perhaps")).status).toBe(400);

    for (const task of tasks) {
      expect((await answer(anna, task, "problem-gambling")).body).toMatchObject({ status: "open", counted: true });
    }
    // The same answer again does no harm, and another one is refused.
    expect(await answer(anna, first, "problem-gambling")).toMatchObject({ status: 200, body: { counted: false } });
    expect((await answer(anna, first, "no-problem-gambling")).status).toBe(409);
    const progress = (await (await ben.call("GET", "progress")).json()) as object;
    expect(progress).toMatchObject({ runs: [{ model: MODEL, asked: TASKS, open: TASKS, agreed: 0 }] });

    const [disputed, ...agreed] = tasks as [Task, ...Task[]];
    const claire = await labeller("claire");
    await answer(ben, disputed, "no-problem-gambling");
    for (const task of agreed) {
      expect((await answer(ben, task, "problem-gambling")).body).toMatchObject({ status: "agreed" });
    }
    expect((await answer(claire, disputed, "cannot-tell")).body).toMatchObject({ status: "disputed" });

    const { status, output, cause } = await executionEnd(system, arn);
    expect([status, cause]).toEqual(["SUCCEEDED", undefined]);
    const [run] = parseRunResults(output);
    expect(run?.labels).toMatchObject({
      mode: "people",
      reason: `${700 + TASKS} records, fewer than 5000`,
      people: { asked: TASKS, agreed: TASKS - 1, disputed: 1, open: 0 },
    });
    const { rows } = run as Required<ModelRun>;
    expect([rows.train + rows.validation + rows.test + rows.outOfTime, rows.unlabelled]).toEqual([700 + TASKS - 1, 1]);
    // Late, and without harm.
    expect(await answer(claire, agreed[0] as Task, "no-problem-gambling")).toMatchObject({
      status: 200,
      body: { counted: false, status: "agreed" },
    });

    // The next run knows these labels already, and asks only about the one that people could not agree on: nobody.
    const { output: next } = await retrain(system, [{ model: MODEL, force: true }]);
    const [again] = parseRunResults(next);
    expect(again?.labels).toMatchObject({ sources: { operator: 700, labeller: TASKS - 1 }, people: { open: 0 } });
  });
});

describe("a run whose people do not answer in time", () => {
  test("goes on with the labels that it has, when they are enough; later answers serve the next run", async () => {
    await withRecords(system, dataBucket, { "records/late.jsonl": records(2, 32) }, async () => {
      const arn = await begin({ labelling: { deadlineInSeconds: 3 } });
      await asked(arn);
      const [anna, ben] = await Promise.all([labeller("anna"), labeller("ben")]);
      const { status, output } = await executionEnd(system, arn);
      expect(status).toBe("SUCCEEDED");
      expect(parseRunResults(output)[0]?.labels).toMatchObject({ people: { asked: 2, agreed: 0, open: 2 } });
      expect(await executionPath(system, arn)).toContain("Collect labels");

      for (const task of await tasksOf(anna, 2)) {
        await answer(anna, task, "no-problem-gambling");
        expect((await answer(ben, task, "no-problem-gambling")).body).toMatchObject({ status: "agreed" });
      }
      // New labels are news: the run needs no force.
      const { output: next } = await retrain(system, [{ model: MODEL }]);
      expect(parseRunResults(next)[0]?.labels).toMatchObject({ sources: { operator: 700, labeller: 2 } });
    });
  });

  test("fails with the numbers, when they are not enough", async () => {
    const few = records(40, 33).split("\n").slice(-60).join("\n");
    await withRecords(system, dataBucket, { "records/too-few.jsonl": few }, async () => {
      const { status, cause } = await executionEnd(system, await begin({ labelling: { deadlineInSeconds: 2 } }));
      expect(status).toBe("FAILED");
      expect(cause).toMatch(/failed at Ask people: LabellingTimedOut: 0 of 20 tasks got a label within 2 s/);
    });
  });
});

test("many records are labelled by a model that is sure, and the rest is for people", async () => {
  const { status, output, cause } = await retrain(system, [
    { model: MODEL, force: true, labelling: { mode: "automatic" } },
  ]);
  expect([status, cause]).toEqual(["SUCCEEDED", undefined]);
  const [run] = parseRunResults(output);
  const { automatic, people } = run?.labels ?? {};
  expect(automatic).toMatchObject({ positive: { labelled: expect.any(Number) } });
  expect(people?.asked).toBeGreaterThan(0);
});

test("Ground Truth without access says so before anything is asked", async () => {
  await withRecords(system, dataBucket, { "records/few.jsonl": records(TASKS, 34) }, async () => {
    const { status, cause } = await retrain(system, [
      {
        model: MODEL,
        force: true,
        labelling: {
          mode: "ground-truth",
          groundTruth: {
            workteamArn: "arn:aws:sagemaker:eu-west-1:000000000000:workteam/private-crowd/reviewers",
            preHumanTaskLambdaArn: "arn:aws:lambda:eu-west-1:568282634449:function:PRE-TextMultiClass",
            consolidationLambdaArn: "arn:aws:lambda:eu-west-1:568282634449:function:ACS-TextMultiClass",
          },
        },
      },
    ]);
    expect(status).toBe("FAILED");
    expect(cause).toMatch(/failed at Check work team: GroundTruthUnavailable: .*new customers since 2026-07-30/);

    const unconfigured = await retrain(system, [{ model: MODEL, force: true, labelling: { mode: "ground-truth" } }]);
    expect(unconfigured.cause).toMatch(/failed at Check work team: GroundTruthNotConfigured: /);
  });
});
