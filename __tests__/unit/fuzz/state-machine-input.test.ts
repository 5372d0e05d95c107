import fc from "fast-check";
import { LABELLING_PROVIDERS, type LabellingMode, type LabellingProvider } from "../../../catalogue/labelling/modes";
import { checkRequest, type RequestPolicy, type RetrainRequest } from "../../../contracts/retrain-request";
import { hostileValue, mutated } from "./hostile-values";
import { fuzz } from "./runner";

const MODEL = "gambling-behaviour-problem-gambling";
const VERSION = "20261123-134207-8ed339";

const policy: fc.Arbitrary<RequestPolicy> = fc.record({
  approval: fc.constantFrom("automatic", "manual"),
  requestsMayLoosen: fc.boolean(),
  labelling: fc.record({
    provider: fc.constantFrom(...LABELLING_PROVIDERS),
    minimumForAutomatic: fc.integer({ min: 100, max: 10_000 }),
    maximumTasks: fc.integer({ min: 1, max: 5000 }),
    votesToAgree: fc.integer({ min: 1, max: 3 }),
    mostVotes: fc.integer({ min: 3, max: 9 }),
    deadlineInSeconds: fc.integer({ min: 1, max: 2_592_000 }),
  }),
});

/** Requests that some configuration takes. */
const templates: readonly RetrainRequest[] = [
  { model: MODEL, force: true, approval: "manual", approvalDeadlineInSeconds: 60, trigger: "person" },
  { model: MODEL, approval: "automatic" },
  { model: MODEL, version: VERSION },
  { model: MODEL, version: "initial", override: "The champion answers nonsense." },
  ...(["outcome", "people", "automatic", "ground-truth"] as const).map((mode) => ({
    model: MODEL,
    labelling: {
      mode,
      votesToAgree: 2,
      mostVotes: 3,
      minimumForAutomatic: 5000,
      maximumTasks: 20,
      deadlineInSeconds: 9,
    },
  })),
];

/**
 * Labelling that may be asked for where requests may be stricter only: no model labels, and nobody else sees records.
 */
const NO_LOOSER: Readonly<Record<LabellingProvider, readonly (LabellingMode | undefined)[]>> = {
  none: [undefined, "outcome"],
  own: [undefined, "outcome", "people"],
  "ground-truth": [undefined, "outcome", "ground-truth"],
};

/** Finds what an accepted request would do that it must not. */
function wrongWith(request: RetrainRequest, { approval, labelling, requestsMayLoosen }: RequestPolicy): string[] {
  const asked = { ...labelling, ...request.labelling };
  const training = [request.force, request.approval, request.approvalDeadlineInSeconds, request.labelling];
  const always: readonly (readonly [boolean, string])[] = [
    [request.model === MODEL, "another model"],
    [[undefined, "automatic", "manual"].includes(request.approval), "an approval that is no word"],
    [[undefined, true, false].includes(request.force), "a force that is neither true nor false"],
    [asked.votesToAgree >= 1 && asked.votesToAgree <= asked.mostVotes && asked.mostVotes <= 9, "impossible votes"],
    [Number.isInteger(asked.maximumTasks) && asked.maximumTasks >= 1 && asked.maximumTasks <= 5000, "senseless tasks"],
    [Number.isInteger(asked.deadlineInSeconds) && asked.deadlineInSeconds >= 1, "a senseless deadline"],
    [request.version === undefined || training.every((field) => field === undefined), "a version that trains"],
    [request.override === undefined || request.version !== undefined, "an override of nothing"],
  ];
  const strict: readonly (readonly [boolean, string])[] = [
    [approval === "automatic" || request.approval !== "automatic", "no person approves"],
    [NO_LOOSER[labelling.provider].includes(request.labelling?.mode), "a looser way of labelling"],
    [asked.votesToAgree >= labelling.votesToAgree, "fewer votes"],
    [asked.minimumForAutomatic >= labelling.minimumForAutomatic, "a labelling model of fewer records"],
  ];
  return [...always, ...(requestsMayLoosen ? [] : strict)].filter(([holds]) => !holds).map(([, what]) => what);
}

fuzz("state machine input", {
  runs: 4_000,
  input: fc.record({
    policy,
    asked: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...templates).chain((request) => mutated(request)) },
      { weight: 1, arbitrary: hostileValue.map((value) => ({ value })) },
    ),
  }),
  holds: ({ policy, asked: { value } }) => {
    const checked = checkRequest(value, { [MODEL]: policy });
    if ("problem" in checked) {
      expect(checked.problem).toMatch(/\w+ \w+/);
      expect(checked.problem.length).toBeLessThan(4_000);
    } else {
      expect(wrongWith(checked.request, policy)).toEqual([]);
    }
  },
});
