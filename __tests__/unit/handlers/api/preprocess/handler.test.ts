import { featureHash } from "../../../../../catalogue/datasets/kit/dataset";
import { models } from "../../../../../catalogue/models";
import { createHandler } from "../../../../../handlers/api/preprocess/handler";
import { fakeTelemetry } from "../../fakes";
import { toy, toyRecord } from "../../toy";

const output = fakeTelemetry();
const handler = createHandler(toy, {
  environment: {
    CURRENCY: "EUR",
    CURRENCY_RATES: new Map([["SEK", 0.125]]),
    OPERATOR_CURRENCIES: new Map([["operator-1", "EUR"]]),
  },
  telemetry: output.telemetry,
});
const preprocess = (...records: unknown[]) =>
  // Indices of another place of the batch, as the filter sends when it groups.
  handler({ requestId: "request-1", records: records.map((record, place) => ({ index: place + 3, record })) });

test("makes features in the table's order, with markers and the layout's hash", async () => {
  expect(await preprocess(toyRecord({ stake: 250, visits: 3 }))).toEqual({
    featureHash: featureHash(toy),
    rows: [
      {
        index: 3,
        playerId: "player-1",
        operatorId: "operator-1",
        asOf: "2026-11-01T00:00:00Z",
        features: [250, 3],
        markers: ["big-stake"],
        amounts: { code: "EUR", rate: 1 },
      },
    ],
    errors: [],
  });
});

test("amounts are converted to the models' currency, and one that is not known is refused where it stands", async () => {
  const { rows, errors } = await preprocess(
    toyRecord({ currency: "SEK", stake: 800 }),
    toyRecord({ currency: "NOK" }),
    toyRecord({ operatorId: "operator-2" }),
  );
  expect(rows).toMatchObject([{ index: 3, features: [100, null], amounts: { code: "SEK", rate: 0.125 } }]);
  expect(errors).toEqual([
    { index: 4, pointer: "/records/4/currency", message: expect.stringMatching(/^must be one of EUR, SEK/) },
    { index: 5, pointer: "/records/5/currency", message: expect.stringMatching(/^is missing; say which of EUR, SEK/) },
  ]);
});

test("a row says what its record lacks of the needs of each model of the dataset", async () => {
  const { rows } = await preprocess(toyRecord({ stake: 0 }));
  const own = models.filter(({ dataset }) => dataset === toy.name);
  expect(own.length).toBeGreaterThan(1);
  expect(rows[0]?.lacks).toEqual(Object.fromEntries(own.map(({ name, needs }) => [name, needs.groups])));
});

test("each record ends in a row or in errors that point to it", async () => {
  const { rows, errors } = await preprocess(
    toyRecord({ stake: "x", colour: 1 }),
    toyRecord(),
    toyRecord({ stake: -1 }),
    toyRecord({ stake: 666 }),
  );
  expect(rows).toMatchObject([{ index: 4, features: [12.5, null], markers: [] }]);
  expect(errors).toEqual([
    { index: 3, pointer: "/records/3/colour", message: "is not a known field; remove it" },
    { index: 3, pointer: "/records/3/stake", message: "must be number" },
    { index: 5, pointer: "/records/5/stake", message: "must not be negative" },
    { index: 6, pointer: "/records/6", message: "cannot be processed" },
  ]);
  expect(output.metrics()).toMatchObject([{ dataset: "gambling-behaviour", RecordsAccepted: 1, RecordsRejected: 3 }]);
  expect(output.text()).not.toContain("player-1");
});

test.each(["2099-12-12T00:00:00Z", "1970-01-01T00:00:00Z"])("a record as of %s is none", async (asOf) => {
  const { rows, errors } = await preprocess({ ...toyRecord(), asOf });
  expect([rows, errors]).toMatchObject([[], [{ index: 3, pointer: "/records/3/asOf" }]]);
});

test("a record with many problems tells the first 20 and how many more", async () => {
  const fields = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`field-${n}`, n]));
  const { errors } = await preprocess(toyRecord(fields));
  expect(errors).toHaveLength(21);
  expect(errors.at(19)).toMatchObject({ pointer: "/records/3/field-19" });
  expect(errors.at(20)).toEqual({ index: 3, pointer: "/records/3", message: "has 10 more problems" });
});

test("the worst batch's reply stays below Lambda's 6 MB", async () => {
  // Escaped, a control character takes six bytes.
  const fields = Object.fromEntries(Array.from({ length: 30 }, (_, n) => ["\u0001".repeat(5_000) + n, n]));
  const reply = await preprocess(...Array.from({ length: 1_000 }, () => toyRecord(fields)));
  expect(new Set(reply.errors.map(({ index }) => index)).size).toBe(1_000);
  expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThan(3_000_000);
});
