import { z } from "zod";
import { datasets } from "../../catalogue/datasets";
import { models } from "../../catalogue/models";
import { code, table } from "./markdown";
import type { Terraform } from "./stacks";

const list = z.union([z.string().transform((one) => [one]), z.array(z.string())]);
const policySchema = z.object({
  Statement: z.array(z.object({ Action: list, Resource: list.default([]) })),
});
const stackSchema = z.object({
  resource: z.object({
    aws_iam_role_policy: z.record(z.string(), z.object({ policy: z.string() })).default({}),
  }),
});

/** Actions that show what an object, an item or a message holds. */
const READS = /^(s3:GetObject|dynamodb:(Get|BatchGet)Item|dynamodb:(Query|Scan|GetRecords)|sqs:ReceiveMessage)$/;

/** Names what holds players' data, by how synthesized policies name it. */
const HOLDERS: readonly (readonly [pattern: RegExp, name: (path: string) => string])[] = [
  [/aws_s3_bucketdata-.*?arn\}\/(.*)$/, (path) => `data bucket ${code(path)}`],
  [/aws_s3_bucketmodel-.*?arn\}\/(rows\/.*|\*)$/, (path) => `model bucket ${code(path)}`],
  [/^arn:aws:sqs:.*:[^-]+-[^-]+-(.+)$/, (path) => `queue ${code(path)}`],
  [/aws_dynamodb_tablelabels_()/, () => "label table"],
  [/aws_dynamodb_tableplayers_()/, () => "table of players"],
  [/aws_dynamodb_tableaudit_()/, () => "audit log"],
  [/aws_dynamodb_table\.assessments_()/, () => "table of recent assessments (hashes)"],
];

/** The roles whose policies let them read players' data, as a table: from the synthesized policies themselves. */
export function readersOfPlayers(terraform: Terraform): string {
  const reads = new Map<string, Set<string>>();
  for (const stack of Object.values(terraform)) {
    for (const [id, { policy }] of Object.entries(stackSchema.parse(stack).resource.aws_iam_role_policy)) {
      for (const { Action, Resource } of policySchema.parse(JSON.parse(policy)).Statement) {
        if (!Action.some((action) => READS.test(action))) continue;
        const role = roleOf(id);
        for (const what of Resource.flatMap(heldIn)) reads.set(role, (reads.get(role) ?? new Set()).add(what));
      }
    }
  }
  const rows = [...reads].map(([role, what]) => [code(role), [...what].sort().join("; ")]);
  return table(
    ["role", "may read"],
    rows.sort(([one = ""], [other = ""]) => one.localeCompare(other)),
  );
}

function heldIn(resource: string): readonly string[] {
  return HOLDERS.flatMap(([pattern, name]) => {
    const [, path] = pattern.exec(resource) ?? [];
    return path === undefined ? [] : [name(path)];
  });
}

/** A role by its construct's path, whatever the model or the dataset. */
function roleOf(policyId: string): string {
  const path = policyId.replace(/_policy_[0-9A-F]{8}$/, "").replace(/[-_]role$/, "");
  const names = [
    ...models.map(({ name }) => [name, "<model>"] as const),
    ...datasets.map(({ name }) => [name, "<dataset>"] as const),
  ];
  return names.reduce((text, [name, stands]) => text.replace(name, stands), path).replace("_", " ");
}
