import { createHash } from "node:crypto";
import { datasetNamed, datasets } from "../../../../../catalogue/datasets";
import { ONE_CURRENCY } from "../../../../../catalogue/datasets/kit/money";
import { models } from "../../../../../catalogue/models";
import { UNSCALED } from "../../../../../catalogue/training/scaling";
import { csvRow } from "../../../../../handlers/lib/records/csv";
import { recordReader } from "../../../../../handlers/lib/records/records";
import { createLineReader, splitOf } from "../../../../../handlers/retraining/prepare/line";
import { modelReader } from "../../../../../handlers/retraining/prepare/model-reader";
import { withOmissions } from "../../../../../handlers/retraining/prepare/omissions";

const NOW = "2026-11-01T00:00:00Z";
const hashOf = (player: number) => createHash("sha256").update(`operator\n${player}`).digest();

describe.each(datasets.map((dataset) => [dataset.name, dataset] as const))("%s", (_, dataset) => {
  const records = [...dataset.generate({ seed: 43, players: 25, now: NOW })].map(
    ({ record: { outcome: __, ...rest } }) => rest,
  );

  test.each(dataset.omissions.map((omission) => [omission.name, omission] as const))(
    "without %s is a record still, and tells less and nothing else",
    (__, omission) => {
      const changes = records.flatMap((record) => {
        const [before, after] = [dataset.extract(record), dataset.extract(omission.from(record))];
        return dataset.features
          .map(({ name }) => ({ name, before: before[name], after: after[name] }))
          .filter((each) => !Object.is(each.before, each.after));
      });
      const changed = changes.filter(({ after }) => after !== null);
      // A registration tells that earlier days were none of the account's life.
      if (omission.name !== "registeredAt") expect(changed).toEqual([]);
      expect(changes.length).toBeGreaterThan(changed.length);
    },
  );

  test("has no more omissions than there are coins, each of its own name", () => {
    expect(dataset.omissions.length).toBeLessThanOrEqual(32);
    expect(new Set(dataset.omissions.map(({ name }) => name)).size).toBe(dataset.omissions.length);
  });

  test("is learnt from whole, and a second time with omissions, and judged whole", () => {
    const reader = modelReader(
      { needs: { groups: [] } },
      recordReader(dataset, ONE_CURRENCY, () => Date.parse(NOW)),
    );
    const readLine = createLineReader(
      reader,
      () => ({ value: 1, source: "observation" }),
      ({ playerId }) => playerId,
      new Map(),
      UNSCALED,
      () => Date.parse(NOW),
    );
    const partial = { train: 0, validation: 0, test: 0 };
    for (const record of records) {
      for (let player = 0; player < 15; player += 1) {
        const one = { ...record, playerId: `player-${player}` };
        const line = readLine(JSON.stringify({ ...one, outcome: {} }));
        if (line.kind !== "row") throw new Error(JSON.stringify(line));
        const whole = csvRow(reader.features(one).vector);
        expect(line.row).toBe(whole);
        expect(line.partial).not.toBe(whole);
        partial[splitOf(one.operatorId, one.playerId)] += Number(line.partial !== undefined);
      }
    }
    expect(partial).toEqual({ train: expect.any(Number), validation: 0, test: 0 });
    expect(partial.train).toBeGreaterThan(5);
  });
});

test.each(models.map((model) => [model.name, model] as const))(
  "%s learns without nothing that it needs",
  (_, model) => {
    const dataset = datasetNamed(model.dataset);
    const { omissions } = modelReader(model, recordReader(dataset, ONE_CURRENCY));
    const names = omissions.map(({ name }) => name);
    expect(names.filter((name) => model.needs.groups.includes(name))).toEqual([]);
    expect(names).toHaveLength(dataset.omissions.length - model.needs.groups.length);
  },
);

test("some players lack a thing or two, others half of all, most nothing; and the same in every run", () => {
  const omissions = [..."abcdefghij"].map((name) => ({ name, from: (told: readonly string[]) => [...told, name] }));
  const omittedFrom = (player: number) => withOmissions<readonly string[]>([], omissions, hashOf(player));
  const players = Array.from({ length: 4_000 }, (_, player) => omittedFrom(player));
  const share = (of: (omitted: readonly string[]) => boolean) => players.filter(of).length / players.length;
  const nothing = (chance: number) => (1 - chance) ** omissions.length;
  expect(share(({ length }) => length > 0)).toBeCloseTo(0.15 * (2 - nothing(1 / 2) - nothing(1 / 8)), 1);
  expect(share(({ length }) => length === 1)).toBeCloseTo(0.15 * (10 / 8) * (7 / 8) ** 9, 1);
  for (const { name } of omissions) expect(share((omitted) => omitted.includes(name))).toBeCloseTo(0.15 * (5 / 8), 1);
  expect(omittedFrom(7)).toEqual(players[7]);
});
