import { currencyMessage, currencyOf, type Money } from "../../../../catalogue/datasets/kit/money";

const one: Money = { currency: "EUR", rates: new Map(), operators: new Map() };
const several: Money = {
  currency: "EUR",
  rates: new Map([
    ["SEK", 0.09],
    ["GBP", 1.15],
  ]),
  operators: new Map([["operator-s", "SEK"]]),
};
const of = (currency?: string, operatorId = "operator-1") => ({ operatorId, currency });

test.each([
  ["the only currency, unsaid", of(), one, { code: "EUR", rate: 1 }],
  ["the only currency", of("EUR"), one, { code: "EUR", rate: 1 }],
  ["one of several, said", of("GBP"), several, { code: "GBP", rate: 1.15 }],
  ["that of the models among several", of("EUR"), several, { code: "EUR", rate: 1 }],
  ["the operator's, unsaid", of(undefined, "operator-s"), several, { code: "SEK", rate: 0.09 }],
  ["another than the operator's", of("EUR", "operator-s"), several, { code: "EUR", rate: 1 }],
])("a record in %s", (_, record, money, expected) => {
  expect(currencyOf(record, money)).toEqual(expected);
});

test.each([
  ["without one where there are several", of(), several, "is missing; say which of EUR, SEK, GBP the amounts are in"],
  ["in one without a rate", of("SEK"), one, "must be one of EUR; convert the amounts, or have a rate configured"],
  ["in one that nobody has", of("ABC"), several, "must be one of EUR, SEK, GBP; convert the amounts, or have"],
  ["of an operator called as an object's own", of(undefined, "__proto__"), several, "is missing"],
])("a record %s is refused", (_, record, money, message) => {
  expect(currencyOf(record, money)).toBeUndefined();
  expect(currencyMessage(record, money)).toContain(message);
});
