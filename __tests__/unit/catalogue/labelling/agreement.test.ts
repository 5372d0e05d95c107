import fc from "fast-check";
import { type AgreementRules, ANSWERS, type Answer, resolve } from "../../../../catalogue/labelling/agreement";

const [yes, no, unsure] = ANSWERS;

test.each<[string, Answer[], number, number, object]>([
  ["no vote", [], 2, 3, { status: "open" }],
  ["one vote of two", [yes], 2, 3, { status: "open" }],
  ["one vote of one", [no], 1, 1, { status: "agreed", label: 0 }],
  ["two that agree", [yes, yes], 2, 3, { status: "agreed", label: 1 }],
  ["two that differ, and one to come", [yes, no], 2, 3, { status: "open" }],
  ["the third decides", [yes, no, no], 2, 3, { status: "agreed", label: 0 }],
  ["the third cannot tell", [yes, no, unsure], 2, 3, { status: "disputed" }],
  ["two cannot tell, so that one vote is left", [unsure, unsure], 2, 3, { status: "disputed" }],
  ["nobody can tell", [unsure, unsure, unsure], 1, 3, { status: "disputed" }],
  ["three must agree", [yes, yes], 3, 5, { status: "open" }],
  ["three of five can no longer agree", [yes, yes, no, no, unsure], 3, 5, { status: "disputed" }],
])("%s", (_, votes, votesToAgree, mostVotes, expected) => {
  expect(resolve(votes, { votesToAgree, mostVotes })).toEqual(expected);
});

describe("whatever the votes", () => {
  const rules = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 6 }))
    .map(([votesToAgree, more]): AgreementRules => ({ votesToAgree, mostVotes: votesToAgree + more }));
  const answers = fc.array(fc.constantFrom(...ANSWERS), { maxLength: 12 });

  /** Takes votes in their order until the task is resolved. */
  const taken = (votes: readonly Answer[], limits: AgreementRules): Answer[] => {
    const before = votes.findIndex((_, count) => resolve(votes.slice(0, count), limits).status !== "open");
    return before < 0 ? [...votes] : votes.slice(0, before);
  };
  const holds = (check: (votes: Answer[], limits: AgreementRules) => void) =>
    fc.assert(fc.property(answers, rules, (votes, limits) => check(taken(votes, limits), limits)));

  test("a label has the votes that it needs, and disagreement is certain", () => {
    holds((votes, limits) => {
      const result = resolve(votes, limits);
      const most = Math.max(...[no, yes].map((label) => votes.filter((vote) => vote === label).length));
      const left = limits.mostVotes - votes.length;
      if (result.status === "agreed") {
        expect(votes.filter((vote) => vote === [no, yes][result.label])).toHaveLength(limits.votesToAgree);
      }
      if (result.status === "disputed") expect(most + left).toBeLessThan(limits.votesToAgree);
      if (result.status === "open") expect(most + left).toBeGreaterThanOrEqual(limits.votesToAgree);
    });
  });

  test("a task comes to an end within its most votes", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...ANSWERS), { minLength: 12, maxLength: 12 }), rules, (votes, limits) => {
        const used = taken(votes, limits);
        expect(used.length).toBeLessThanOrEqual(limits.mostVotes);
        expect(resolve(used, limits).status).not.toBe("open");
      }),
    );
  });

  test("the order of the votes does not matter", () => {
    fc.assert(
      fc.property(
        answers,
        rules,
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (votes, limits, keys) => {
          const used = taken(votes, limits);
          const shuffled = used
            .map((vote) => [keys.next().value, vote] as const)
            .sort(([a], [b]) => a - b)
            .map(([, vote]) => vote);
          expect(resolve(shuffled, limits)).toEqual(resolve(used, limits));
        },
      ),
    );
  });

  test("with the labels turned round, so is the result", () => {
    const turned: Readonly<Record<Answer, Answer>> = { [yes]: no, [no]: yes, [unsure]: unsure } as Record<
      Answer,
      Answer
    >;
    holds((votes, limits) => {
      const result = resolve(votes, limits);
      const other = resolve(
        votes.map((vote) => turned[vote]),
        limits,
      );
      expect(other).toEqual(result.status === "agreed" ? { status: "agreed", label: 1 - result.label } : result);
    });
  });
});
