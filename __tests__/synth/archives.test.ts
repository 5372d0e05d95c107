import { loadConfig, parseConfig } from "../../config";
import { local } from "../../config/local";
import { archiveFolder, columnType } from "../../contracts/archive";
import { Naming } from "../../modules/base/naming";
import { list, type Statement, type SynthesizedStack, statements, synthesize } from "./synthesize";

/** Operators of which one's id begins with another's, and one has characters that not all names may have. */
const IDS = ["operator-a", "operator-a.b", "operator-a:b", "sender"];
const config = parseConfig(
  {
    ...local,
    operators: Object.fromEntries(
      IDS.map((id, place) => [
        id,
        { clients: ["sample-wallet", "sample-trial"], archive: { account: String(place).repeat(12) } },
      ]),
    ),
  },
  "local",
);
const { operators, storage, all } = synthesize(config);
const naming = new Naming(config);

type Attributes = Readonly<Record<string, unknown>>;
const withId = (type: string, id: string): Attributes => operators.all(type)[id] as Attributes;
/** Follows a reference to an attribute of another resource of the stack. */
const referred = (type: string, value: unknown): Attributes =>
  withId(type, new RegExp(`^\\$\\{${type}\\.([\\w.:-]+)\\.\\w+\\}$`).exec(String(value))?.[1] ?? "");
const statementsOf = (stack: SynthesizedStack, roleId: string): readonly Statement[] =>
  statements(stack.one("aws_iam_role_policy", { role: `\${aws_iam_role.${roleId}.name}` }).policy as string);

/** The rules of archives, each with what it selects and where its stream writes. */
const archives = Object.values(operators.all("aws_cloudwatch_event_target"))
  .filter(({ target_id }) => target_id === "archive")
  .map((target) => {
    const stream = referred("aws_kinesis_firehose_delivery_stream", target.arn);
    const s3 = stream.extended_s3_configuration as Attributes;
    const [, roleId = ""] = /^\$\{aws_iam_role\.([\w.:-]+)\.arn\}$/.exec(String(s3.role_arn)) ?? [];
    return {
      target,
      pattern: JSON.parse(referred("aws_cloudwatch_event_rule", target.rule).event_pattern as string),
      stream,
      s3,
      writes: statementsOf(operators, roleId).flatMap(({ Action, Resource }) =>
        list(Action).includes("s3:PutObject") ? list(Resource) : [],
      ),
    };
  });
const owner = ({ pattern }: (typeof archives)[number]): string => pattern.detail.operatorId[0];
const bucketArn = expect.stringMatching(/archive-operators/);

test("every operator has one rule, which takes everything of its players and of no others", () => {
  expect(archives.map(owner).toSorted()).toEqual(IDS.toSorted());
  for (const { pattern } of archives) {
    expect(pattern).toEqual({ source: ["vwt"], detail: { operatorId: [expect.any(String)] } });
  }
});

test.each(archives.map((archive) => [owner(archive), archive] as const))(
  "what the rule of %s takes is written to its folder, by a role that can write nowhere else",
  (operatorId, { s3, writes, target, stream }) => {
    expect(s3).toMatchObject({
      prefix: `operators/${operatorId}/day=!{timestamp:yyyy-MM-dd}/`,
      error_output_prefix: `errors/${operatorId}/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/`,
      compression_format: "GZIP",
      kms_key_arn: expect.stringMatching(/aws_kms_key/),
      processing_configuration: { enabled: true, processors: [{ type: "AppendDelimiterToRecord" }] },
    });
    expect(writes.map((arn) => arn.replace(/^.*arn\}?"?\]?\)?\/?|^\$\{[^}]+\}\//, ""))).toEqual([
      `operators/${operatorId}/*`,
      `errors/${operatorId}/*`,
    ]);
    expect(target).toMatchObject({ dead_letter_config: { arn: expect.stringMatching(/archive-dead$/) } });
    expect(operators.one("aws_cloudwatch_metric_alarm", { alarm_name: `${stream.name}-late` })).toMatchObject({
      metric_name: "DeliveryToS3.DataFreshness",
      treat_missing_data: "notBreaching",
    });
  },
);

test.each(IDS.map((id, place) => [id, String(place).repeat(12)] as const))(
  "the account of %s reads its folder alone, and decrypts by way of S3 alone",
  (operatorId, account) => {
    const [roleId = "", role] =
      Object.entries(operators.all("aws_iam_role")).find(([, { assume_role_policy }]) =>
        String(assume_role_policy).includes(`arn:aws:iam::${account}:root`),
      ) ?? [];
    expect(statements(role?.assume_role_policy as string)).toEqual([
      { Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: `arn:aws:iam::${account}:root` } },
    ]);
    const granted = statementsOf(operators, roleId);
    expect(granted).toEqual([
      {
        Effect: "Allow",
        Action: ["s3:ListBucket"],
        Resource: [bucketArn],
        Condition: { StringLike: { "s3:prefix": `operators/${operatorId}/*` } },
      },
      {
        Effect: "Allow",
        Action: ["s3:GetObject"],
        Resource: [expect.stringMatching(new RegExp(`/operators/${operatorId.replace(".", "\\.")}/\\*$`))],
      },
      {
        Effect: "Allow",
        Action: ["kms:Decrypt"],
        Resource: [expect.stringMatching(/aws_kms_key/)],
        Condition: {
          StringEquals: {
            "kms:ViaService": "s3.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": bucketArn,
          },
        },
      },
    ]);
  },
);

test("no folder is within another's, and nobody else may read or write the archive", () => {
  const folders = IDS.map(archiveFolder);
  for (const folder of folders) expect(folders.filter((other) => other.startsWith(folder))).toEqual([folder]);
  const roles = all.flatMap((stack) =>
    Object.values(stack.all("aws_iam_role_policy"))
      .filter(({ policy }) => /archive-operators/.test(String(policy)))
      .map(({ role }) => `${stack.name} ${role}`),
  );
  expect(roles.filter((role) => !role.startsWith("operators ${aws_iam_role.archives_"))).toEqual([]);
  expect(roles).toHaveLength(2 * IDS.length);
});

test("names of two operators never meet", () => {
  const streams = archives.map(({ stream }) => stream.name);
  expect(new Set(streams).size).toBe(IDS.length);
  for (const name of streams) expect(name).toMatch(/^[a-zA-Z0-9_.-]{1,64}$/);
});

test("an operator without an archive has neither rule nor stream, and who has no account has no reader", () => {
  const operators_ = { "operator-a": { clients: ["sample-wallet", "sample-trial"], archive: { enabled: false } } };
  const { operators: none } = synthesize(parseConfig({ ...local, operators: operators_ }, "local"));
  expect([none.count("aws_kinesis_firehose_delivery_stream"), none.count("aws_cloudwatch_event_rule")]).toEqual([0, 0]);
  expect(Object.keys(none.all("aws_iam_role")).filter((id) => id.startsWith("archives_reader"))).toEqual([]);
});

describe("the table for Athena", () => {
  const table = operators.one("aws_glue_catalog_table");
  const descriptor = table.storage_descriptor as Attributes;

  test("computes its partitions, of which a query names one operator's", () => {
    const bucket = storage.one("aws_s3_bucket", { bucket: naming.of("bucket", "archive", "operators") });
    expect(bucket).toBeDefined();
    expect(table.parameters).toMatchObject({
      "projection.enabled": "true",
      "projection.operator.type": "injected",
      "projection.day.type": "date",
      "storage.location.template": expect.stringMatching(/^s3:\/\/.*\/operators\/\$\$\{operator\}\/day=\$\$\{day\}\/$/),
    });
    expect((table.partition_keys as Attributes[]).map(({ name }) => name)).toEqual(["operator", "day"]);
    expect(operators.one("aws_glue_catalog_database").name).toBe("vwt_local_archive");
  });

  test("has the fields of all events, of which those of one name have one type", () => {
    const columns = new Map((descriptor.columns as Attributes[]).map(({ name, type }) => [name, String(type)]));
    expect(columns.get("event")).toBe("string");
    const detail = columns.get("detail") ?? "";
    expect(detail).toMatch(/^struct<version:bigint,id:string,at:string,operatorid:string,playerid:string,/);
    expect(detail).toContain("predictions:array<struct<predictionid:string,model:string,");
    expect(detail).toContain("depositlimit:struct<amount:double,currency:string,days:bigint>");
    expect(detail).toContain("recalls:array<string>");
    expect(detail.length).toBeLessThan(131_072);
    expect(() => columnType("detail", [{ type: "string" }, { type: "number" }])).toThrow(
      "detail has values of several",
    );
  });
});

test("production keeps an archive, for as long as players' data", () => {
  const production = synthesize("production");
  expect(production.operators.count("aws_kinesis_firehose_delivery_stream")).toBe(
    Object.keys(loadConfig("production").operators).length,
  );
});
