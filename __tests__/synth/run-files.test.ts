import { list, statements, synthesize } from "./synthesize";

const { stepFunctions, sagemaker } = synthesize("production");
const policies = [stepFunctions, sagemaker].flatMap((stack) => Object.entries(stack.all("aws_iam_role_policy")));

/** Collects what a role may do with objects: by action the patterns of keys, those of all models' buckets as one. */
const allowed = (role: string) => {
  const [, { policy } = {}] = policies.find(([id]) => id.startsWith(`${role}_policy`)) ?? [];
  const found: Record<string, string[]> = {};
  for (const { Action, Resource } of statements(policy)) {
    for (const action of list(Action).filter((each) => /^s3:(Get|Put|Delete)Object$/.test(each))) {
      const keys = list(Resource).map((arn) => arn.replace(/^.*\}\//, ""));
      found[action] = [...new Set([...(found[action] ?? []), ...keys])].sort();
    }
  }
  return found;
};

test.each([
  ["main", { "s3:GetObject": ["runs/*/manifest.json"] }],
  [
    "plan",
    {
      "s3:GetObject": ["runs/*/data.json"],
      "s3:PutObject": ["rows/*/labels.json", "runs/*/data.json", "runs/*/manifest.json"],
    },
  ],
  [
    "prepare-gambling-behaviour",
    {
      "s3:GetObject": ["records/*", "rows/*/labels.json", "rows/*/out-of-time/cut.json", "rows/*/revisions/*"],
      "s3:PutObject": ["rows/*", "runs/*/counts/*"],
      "s3:DeleteObject": ["rows/*"],
    },
  ],
  [
    "count-labels",
    {
      "s3:GetObject": ["rows/*/identities/*", "runs/*/counts/*", "runs/*/manifest.json"],
      "s3:PutObject": [
        "rows/*/out-of-time/cut.json",
        "rows/*/revisions/*",
        "runs/*/again/manifest.json",
        "runs/*/records/*",
      ],
    },
  ],
  [
    "ask-labellers",
    {
      "s3:GetObject": ["rows/*/labelling/*", "rows/*/unlabelled/*", "runs/*/automatic/automatic.json"],
      "s3:PutObject": ["rows/*/labelling/*"],
    },
  ],
  [
    "collect-labels",
    {
      "s3:GetObject": ["rows/*/labelling/*"],
      "s3:PutObject": ["context", "out-of-time/context", "out-of-time", "test", "train", "validation"].map(
        (folder) => `rows/*/${folder}/labelled-*`,
      ),
    },
  ],
  ["judge-candidate", { "s3:GetObject": ["runs/*/evaluation/*"] }],
  ["probe-endpoint", {}],
  ["prune-versions", { "s3:DeleteObject": ["rows/*", "runs/*"] }],
])("%s works with its parts of a run, and with no others", (role, expected) => {
  expect(allowed(`${role}_role`)).toEqual(expected);
});

test("a model's trainings and processing jobs write to their folders of a run, and to no others", () => {
  const written = ["rows/*/labelling/*", "rows/*/reference/training.json", "rows/*/train/*", "runs/*"];
  expect(allowed("gambling-behaviour-marketing_training-role")["s3:PutObject"]).toEqual(written);
});
