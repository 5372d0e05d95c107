import fc from "fast-check";
import {
  chooseLabelling,
  LABELLING_PROVIDERS,
  type LabellingMode,
  type LabellingSettings,
  labellingTask,
} from "../../../../catalogue/labelling/modes";
import { TARGETS, type Target } from "../../../../catalogue/targets";

const settings: LabellingSettings = {
  provider: "own",
  minimumForAutomatic: 5_000,
  maximumTasks: 500,
  votesToAgree: 2,
  mostVotes: 3,
  deadlineInSeconds: 3_600,
};
type Facts = Parameters<typeof chooseLabelling>[0];
/** A run whose missing labels a model can bring. */
const large: Facts = {
  target: "problem-gambling",
  settings,
  labelled: 6_000,
  unlabelled: 1_000,
  heldOut: 900,
  heldOutPositives: 60,
};

const OFF = { ...settings, provider: "none" } as const;
const GROUND_TRUTH = { ...settings, provider: "ground-truth" } as const;

test.each<[string, Partial<Facts>, LabellingMode, string]>([
  ["nothing is unlabelled", { unlabelled: 0 }, "outcome", "every usable record has a label"],
  ["the target is a stake", { target: "stake" }, "outcome", "a stake is observed, not judged"],
  ["it is switched off", { settings: OFF }, "outcome", "labelling is switched off"],
  ["Ground Truth is to do it", { settings: GROUND_TRUTH }, "ground-truth", "Ground Truth is configured"],
  ["there are too few records", { labelled: 3_999 }, "people", "4999 records, fewer than 5000"],
  ["there are just enough records", { labelled: 4_000 }, "automatic", "5000 records, at least 5000"],
  [
    "too few held-out rows are positive",
    { heldOutPositives: 29 },
    "people",
    "29 held-out rows of the rarer label, too few to know a labelling model's precision",
  ],
  ["just enough held-out rows are positive", { heldOutPositives: 30 }, "automatic", "7000 records, at least 5000"],
  [
    "too few held-out rows are negative",
    { heldOut: 89, heldOutPositives: 60 },
    "people",
    "29 held-out rows of the rarer label, too few to know a labelling model's precision",
  ],
  ["there is plenty of all", {}, "automatic", "7000 records, at least 5000"],
  [
    "nothing is unlabelled of what is off",
    { unlabelled: 0, settings: OFF },
    "outcome",
    "every usable record has a label",
  ],
  [
    "a stake is for Ground Truth",
    { target: "stake", settings: GROUND_TRUTH },
    "outcome",
    "a stake is observed, not judged",
  ],
  [
    "Ground Truth has few records",
    { labelled: 0, settings: GROUND_TRUTH },
    "ground-truth",
    "Ground Truth is configured",
  ],
])("when %s", (_, facts, mode, reason) => {
  expect(chooseLabelling({ ...large, ...facts })).toEqual({ mode, reason });
});

describe("whatever the run", () => {
  const MODES = ["outcome", "people", "automatic", "ground-truth"] as const satisfies readonly LabellingMode[];
  const mode = fc.constantFrom(...MODES);
  const count = fc.oneof(fc.constant(0), fc.nat({ max: 20_000 }));
  const facts = fc
    .record({
      target: fc.constantFrom<Target>("problem-gambling", "stake"),
      settings: fc.record({
        provider: fc.constantFrom(...LABELLING_PROVIDERS),
        minimumForAutomatic: fc.integer({ min: 100, max: 20_000 }),
      }),
      labelled: count,
      unlabelled: count,
      heldOut: count,
      percent: fc.nat({ max: 100 }),
    })
    .map(({ settings: chosen, percent, ...rest }): Facts => {
      const heldOut = Math.min(rest.heldOut, rest.labelled);
      return {
        ...rest,
        heldOut,
        heldOutPositives: Math.floor((percent * heldOut) / 100),
        settings: { ...settings, ...chosen },
      };
    });

  test("nobody labels a stake, whoever asks for it", () => {
    fc.assert(
      fc.property(facts, fc.option(mode, { nil: undefined }), (of, requested) => {
        expect(chooseLabelling({ ...of, target: "stake" }, requested).mode).toBe("outcome");
      }),
    );
  });

  test("without unlabelled records there is nothing to do, whoever asks for it", () => {
    fc.assert(
      fc.property(facts, fc.option(mode, { nil: undefined }), (of, requested) => {
        expect(chooseLabelling({ ...of, unlabelled: 0 }, requested).mode).toBe("outcome");
      }),
    );
  });

  test("a request decides where there is something to judge", () => {
    fc.assert(
      fc.property(facts, mode, (of, requested) => {
        fc.pre(TARGETS[of.target].judgedByPeople && of.unlabelled > 0);
        expect(chooseLabelling(of, requested)).toEqual({ mode: requested, reason: "asked for by the request" });
      }),
    );
  });

  test("a model labels where its precision can be known, and nowhere else", () => {
    fc.assert(
      fc.property(facts, (of) => {
        const { target, settings: chosen, labelled, unlabelled, heldOut, heldOutPositives } = of;
        const may = target === "problem-gambling" && unlabelled > 0 && chosen.provider === "own";
        const enough = labelled + unlabelled >= chosen.minimumForAutomatic;
        const known = Math.min(heldOutPositives, heldOut - heldOutPositives) >= 30;
        expect(chooseLabelling(of).mode === "automatic").toBe(may && enough && known);
      }),
      { numRuns: 500 },
    );
  });

  test("there is a mode and a reason", () => {
    fc.assert(
      fc.property(facts, (of) => {
        const { mode: chosen, reason } = chooseLabelling(of);
        expect(MODES).toContain(chosen);
        expect(reason).not.toMatch(/undefined|NaN|^$/);
      }),
    );
  });
});

describe("a task's name", () => {
  const identity = { dataset: "d", operatorId: "o-1", playerId: "p-1", asOf: "2026-11-01T00:00:00Z" };

  test("stays for ever", () => {
    expect(labellingTask("m", identity)).toBe("c5ac31d6358543f96bd80a6c1d696a5b");
    expect(labellingTask("m", { ...identity, dataset: "other" })).toBe(labellingTask("m", identity));
    for (const asOf of ["2026-11-01T00:00:00.000Z", "2026-11-01T02:00:00+02:00"]) {
      expect(labellingTask("m", { ...identity, asOf })).toBe(labellingTask("m", identity));
    }
  });

  test("is another for another model, operator, player or instant", () => {
    const others = [
      labellingTask("m2", identity),
      labellingTask("m", { ...identity, operatorId: "o-2" }),
      labellingTask("m", { ...identity, playerId: "p-2" }),
      labellingTask("m", { ...identity, asOf: "2026-11-02T00:00:00Z" }),
      // Not what the parts look like when put together.
      labellingTask("m", { ...identity, operatorId: "o-1p", playerId: "-1" }),
    ];
    expect(new Set([labellingTask("m", identity), ...others]).size).toBe(others.length + 1);
  });
});
