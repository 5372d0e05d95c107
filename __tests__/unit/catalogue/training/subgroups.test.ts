import { subgroups } from "../../../../catalogue/training/subgroups";

test.each([
  [{}, ["", "", ""]],
  [{ age: 18 }, ["18-24", "", ""]],
  [{ age: 24 }, ["18-24", "", ""]],
  [{ age: 25, gender: "female", country: "GB" }, ["25-34", "female", "GB"]],
  [{ age: 64 }, ["55-64", "", ""]],
  [{ age: 110, gender: "other" }, ["65+", "other", ""]],
])("%j belongs to %j", (record, groups) => {
  expect(subgroups(record)).toEqual(groups);
});
