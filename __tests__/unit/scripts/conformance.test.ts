import { conformanceLine } from "../../../scripts/lib/conformance";

const report = (byOperation: Record<string, number>, unread = {}) => ({
  botocore: "1.2.3",
  byOperation: Object.fromEntries(
    Object.entries(byOperation).map(([name, requests]) => [
      name,
      { requests, refused: name === "iam:GetRole" ? 1 : 0 },
    ]),
  ),
  violations: [],
  unread,
});

test("requests of all emulators of a system are one line", () => {
  const reports = [report({ "iam:GetRole": 2, "s3:PutObject": 3 }), report({ "s3:PutObject": 4, "s3:GetObject": 1 })];
  expect(conformanceLine(reports)).toBe(
    "10 requests of 3 operations of 2 services checked against botocore 1.2.3, 1 violations",
  );
});

test("requests that could not be checked are named", () => {
  expect(conformanceLine([report({ "iam:GetUser": 1 }, { "ssm POST /": 2 })])).toBe(
    "1 requests of 1 operations of 1 services checked against botocore 1.2.3, 0 violations; not checked: ssm POST /",
  );
});
