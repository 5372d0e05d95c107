import { loadConfig } from "../../config";
import { synthesize } from "./synthesize";

const { storage } = synthesize("production");
const { storage: local } = synthesize("local");

describe("storage stack", () => {
  test("has the five buckets of the source, and those of artefacts, archives and audit logs' heads", () => {
    const names = Object.values(storage.all("aws_s3_bucket")).map(({ bucket }) =>
      (bucket as string).replace(/-[0-9a-f]{6}$/, ""),
    );
    expect(names.sort()).toEqual([
      "vwt-production-archive-operators",
      "vwt-production-artefacts-lambda",
      "vwt-production-audit-heads",
      "vwt-production-data-before-initial-deposit",
      "vwt-production-data-gambling-behaviour",
      "vwt-production-model-before-initial-deposit-problem-gamb",
      "vwt-production-model-gambling-behaviour-marketing",
      "vwt-production-model-gambling-behaviour-problem-gambling",
    ]);
  });

  test.each([
    ["production", storage, { mode: "COMPLIANCE", days: 1825 }, false],
    ["local", local, { mode: "GOVERNANCE", days: 1 }, true],
  ])("%s locks the heads of audit logs, and nothing else", (_, stack, default_retention, destroyable) => {
    const locked = Object.entries(stack.all("aws_s3_bucket")).filter(([, bucket]) => bucket.object_lock_enabled);
    expect(locked.map(([id, { force_destroy }]) => [id.split("_")[0], force_destroy])).toEqual([
      ["audit-heads", destroyable],
    ]);
    // S3 takes the rule when the bucket has versions.
    expect(stack.one("aws_s3_bucket_object_lock_configuration")).toMatchObject({
      bucket: `\${aws_s3_bucket.${locked[0]?.[0]}.id}`,
      rule: { default_retention },
      depends_on: [expect.stringMatching(/^aws_s3_bucket_versioning\.audit-heads_/)],
    });
  });

  test("retention is configuration: player data expires in production, models never, and nothing does locally", () => {
    const expiring = Object.entries(storage.all("aws_s3_bucket_lifecycle_configuration")).flatMap(([id, { rule }]) =>
      (rule as readonly Readonly<Record<string, unknown>>[])
        .filter(({ expiration }) => expiration !== undefined)
        .map(({ filter, expiration }) => [id.split("-")[0], filter, expiration]),
    );
    const after = [{ days: 730 }];
    const twice = <T>(rule: T) => [rule, rule];
    expect(expiring.map((rule) => JSON.stringify(rule)).sort()).toEqual(
      [
        ["archive", [{ prefix: "" }], after],
        ...twice(["data", [{ prefix: "" }], after]),
        // What a scoring works with.
        ...twice(["data", [{ prefix: "scoring/" }], [{ days: 7 }]]),
        ...Array.from({ length: 3 }, () => ["model", [{ prefix: "rows/" }], after]),
      ]
        .map((rule) => JSON.stringify(rule))
        .sort(),
    );
    expect(local.count("aws_s3_bucket_lifecycle_configuration")).toBe(0);
  });

  test("every model has a repository", () => {
    expect(storage.count("aws_ecr_repository")).toBe(3);
  });

  test("the label table has its two indexes, and is not lost by accident", () => {
    const table = storage.one("aws_dynamodb_table", { name: "vwt-production-labels" });
    expect(table).toMatchObject({
      hash_key: "task",
      deletion_protection_enabled: true,
      global_secondary_index: [
        { name: "queue", hash_key: "queue", range_key: "task", projection_type: "ALL" },
        { name: "agreed", hash_key: "agreedModel", range_key: "agreedAt", projection_type: "ALL" },
      ],
    });
    expect(table).not.toHaveProperty("range_key");
    expect(local.one("aws_dynamodb_table", { name: "vwt-local-labels" })).toMatchObject({
      deletion_protection_enabled: false,
    });
  });

  test("the table of players has its two indexes and its stream, and is not lost by accident", () => {
    expect(storage.one("aws_dynamodb_table", { name: "vwt-production-players" })).toMatchObject({
      hash_key: "player",
      range_key: "item",
      deletion_protection_enabled: true,
      stream_enabled: true,
      stream_view_type: "KEYS_ONLY",
      global_secondary_index: [
        {
          ...{ name: "changed", hash_key: "changedOperator", range_key: "changedAt", projection_type: "INCLUDE" },
          non_key_attributes: ["playerId", "risk"],
        },
        { name: "reviews", hash_key: "reviewOperator", range_key: "reviewDue", projection_type: "ALL" },
      ],
    });
    expect(local.one("aws_dynamodb_table", { name: "vwt-local-players" })).toMatchObject({
      deletion_protection_enabled: false,
    });
    expect(storage.one("aws_dynamodb_table", { name: "vwt-production-audit" })).toMatchObject({
      hash_key: "operator",
      range_key: "sequence",
      deletion_protection_enabled: true,
    });
  });

  test("labellers are made by administrators only, and have strong passwords", () => {
    expect(storage.one("aws_cognito_user_pool")).toMatchObject({
      name: "vwt-production-labellers",
      admin_create_user_config: { allow_admin_create_user_only: true },
      account_recovery_setting: { recovery_mechanism: [{ name: "admin_only", priority: 1 }] },
      password_policy: {
        minimum_length: 14,
        require_lowercase: true,
        require_uppercase: true,
        require_numbers: true,
        require_symbols: true,
      },
      mfa_configuration: "OPTIONAL",
      software_token_mfa_configuration: { enabled: true },
      deletion_protection: "ACTIVE",
    });
    const groups = Object.entries(storage.all("aws_cognito_user_group"));
    // A group of another address would be another one, without its members.
    expect(groups.map(([id, { name }]) => [id.replace(/_\w{8}$/, ""), name]).sort()).toEqual([
      ["labellers_group", "labellers"],
      ["labellers_group-reviewers", "reviewers"],
    ]);
    expect(local.one("aws_cognito_user_pool")).toMatchObject({ deletion_protection: "INACTIVE" });
  });

  test("nobody chooses their operator, and tokens live for an hour", () => {
    const [operator] = storage.one("aws_cognito_user_pool").schema as Readonly<Record<string, unknown>>[];
    expect(operator).toMatchObject({ name: "operator_id", attribute_data_type: "String", mutable: false });
    expect(storage.one("aws_cognito_user_pool_client")).toMatchObject({
      generate_secret: false,
      explicit_auth_flows: ["ALLOW_USER_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
      prevent_user_existence_errors: "ENABLED",
      id_token_validity: 60,
      token_validity_units: [{ id_token: "minutes", access_token: "minutes", refresh_token: "hours" }],
      read_attributes: ["name", "custom:operator_id"],
      write_attributes: ["name"],
    });
  });

  test("a second factor is configuration", () => {
    const pool = (mfa: "OFF" | "ON") =>
      synthesize({ ...loadConfig("local"), labellers: { mfa } }).storage.one("aws_cognito_user_pool");
    expect(pool("ON")).toMatchObject({ mfa_configuration: "ON", software_token_mfa_configuration: { enabled: true } });
    expect(pool("OFF")).toMatchObject({ mfa_configuration: "OFF" });
    expect(pool("OFF")).not.toHaveProperty("software_token_mfa_configuration");
  });

  test("a key that was removed can be brought back for a month", () => {
    expect(storage.one("aws_kms_key")).toMatchObject({ deletion_window_in_days: 30 });
  });
});
