import { ProcessingInstanceType, ProductionVariantInstanceType, TrainingInstanceType } from "@aws-sdk/client-sagemaker";
import { isInstanceType, takesVolumeKey } from "../../../../catalogue/training/instance-storage";

/** Every instance type that the SageMaker API takes for what we run. */
const KNOWN = [
  ...new Set([
    ...Object.values(TrainingInstanceType),
    ...Object.values(ProcessingInstanceType),
    ...Object.values(ProductionVariantInstanceType),
  ]),
];

test("every instance type of the API is listed", () => {
  expect(KNOWN.length).toBeGreaterThan(200);
  expect(KNOWN.filter((type) => !isInstanceType(type))).toEqual([]);
});

test("no type that SageMaker's own SDK knows to have drives takes a key", () => {
  // sagemaker-python-sdk, `instance_supports_kms`: a "d" in the family, or g5.
  const known = KNOWN.filter((type) => /^ml\.(\w*d|g5)/.test(type.split(".", 2).join(".")));
  expect(known.length).toBeGreaterThan(50);
  expect(known.filter(takesVolumeKey)).toEqual([]);
});

test.each([
  ["ml.m5.large", true],
  ["ml.c7i-flex.xlarge", true],
  ["ml.p3.2xlarge", true],
  ["ml.p3dn.24xlarge", false],
  ["ml.g6e.xlarge", false],
  ["ml.p5.48xlarge", false],
  ["ml.trn1.2xlarge", false],
])("%s takes a key: %s", (type, expected) => {
  expect(takesVolumeKey(type)).toBe(expected);
});

test.each(["m5.large", "ml.m5", "ml.x9.large", "ml.m5.large.", ""])("%j is no instance type", (text) => {
  expect(isInstanceType(text)).toBe(false);
  expect(() => takesVolumeKey(text)).toThrow("catalogue/training/instance-storage.ts lists; correct or add it");
});
