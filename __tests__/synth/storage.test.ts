import { loadConfig } from "../../config";
import { list, statements, synthesize } from "./synthesize";

const { storage } = synthesize("production");
const { storage: local } = synthesize("local");

describe("storage stack", () => {
  test("has the five buckets of the source and one for artefacts", () => {
    const names = Object.values(storage.all("aws_s3_bucket")).map(({ bucket }) =>
      (bucket as string).replace(/-[0-9a-f]{6}$/, ""),
    );
    expect(names.sort()).toEqual([
      "vwt-production-artefacts-lambda",
      "vwt-production-data-before-initial-deposit",
      "vwt-production-data-gambling-behaviour",
      "vwt-production-model-before-initial-deposit-problem-gamb",
      "vwt-production-model-gambling-behaviour-marketing",
      "vwt-production-model-gambling-behaviour-problem-gambling",
    ]);
  });

  test.each([
    "aws_s3_bucket_versioning",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_lifecycle_configuration",
  ])("every bucket has its own %s", (type) => {
    const buckets = Object.keys(storage.all("aws_s3_bucket")).map((id) => `\${aws_s3_bucket.${id}.id}`);
    expect(
      Object.values(storage.all(type))
        .map(({ bucket }) => bucket)
        .sort(),
    ).toEqual(buckets.sort());
  });

  test("buckets are versioned, encrypted with our key, and closed to the public", () => {
    for (const versioning of Object.values(storage.all("aws_s3_bucket_versioning"))) {
      expect(versioning.versioning_configuration).toEqual({ status: "Enabled" });
    }
    for (const { rule } of Object.values(storage.all("aws_s3_bucket_server_side_encryption_configuration"))) {
      expect(rule).toEqual([
        {
          apply_server_side_encryption_by_default: {
            kms_master_key_id: expect.stringMatching(/^\$\{aws_kms_key\.\w+\.arn\}$/),
            sse_algorithm: "aws:kms",
          },
          bucket_key_enabled: true,
        },
      ]);
    }
    for (const block of Object.values(storage.all("aws_s3_bucket_public_access_block"))) {
      expect(block).toMatchObject({
        block_public_acls: true,
        block_public_policy: true,
        ignore_public_acls: true,
        restrict_public_buckets: true,
      });
    }
  });

  test("buckets are reached over TLS only, objects included", () => {
    for (const { policy } of Object.values(storage.all("aws_s3_bucket_policy"))) {
      const [statement, ...others] = statements(policy);
      expect(others).toEqual([]);
      expect(statement).toMatchObject({
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      });
      expect(list(statement?.Resource)).toHaveLength(2);
      expect(list(statement?.Resource)[1]).toBe(`${list(statement?.Resource)[0]}/*`);
    }
  });

  test("retention is configuration: player data expires in production, models never, and nothing does locally", () => {
    const expiring = Object.entries(storage.all("aws_s3_bucket_lifecycle_configuration")).flatMap(([id, { rule }]) =>
      (rule as readonly Readonly<Record<string, unknown>>[])
        .filter(({ expiration }) => expiration !== undefined)
        .map(({ filter, expiration }) => [id.split("-")[0], filter, expiration]),
    );
    const after = [{ days: 730 }];
    expect(expiring.sort()).toEqual([
      ...Array.from({ length: 2 }, () => ["data", [{ prefix: "" }], after]),
      ...Array.from({ length: 3 }, () => ["model", [{ prefix: "rows/" }], after]),
    ]);
    expect(local.count("aws_s3_bucket_lifecycle_configuration")).toBe(0);
  });

  test("nothing in production can be destroyed with what it holds", () => {
    for (const { force_destroy } of Object.values(storage.all("aws_s3_bucket"))) expect(force_destroy).toBe(false);
    for (const { force_delete } of Object.values(storage.all("aws_ecr_repository"))) expect(force_delete).toBe(false);
  });

  test("every model has a repository with immutable, scanned images and a lifecycle", () => {
    const repositories = Object.values(storage.all("aws_ecr_repository"));
    expect(repositories).toHaveLength(3);
    for (const repository of repositories) {
      expect(repository).toMatchObject({
        image_tag_mutability: "IMMUTABLE",
        image_scanning_configuration: { scan_on_push: true },
        encryption_configuration: [{ encryption_type: "KMS" }],
      });
    }
    // An image with a tag may be in use, however old.
    const policies = Object.values(storage.all("aws_ecr_lifecycle_policy")).map(({ policy }) =>
      JSON.parse(policy as string),
    );
    expect(policies).toHaveLength(3);
    for (const { rules } of policies) {
      expect(rules).toMatchObject([{ selection: { tagStatus: "untagged" }, action: { type: "expire" } }]);
    }
  });

  test("the label table is encrypted with our key, can be restored, and has its two indexes", () => {
    const table = storage.one("aws_dynamodb_table");
    expect(table).toMatchObject({
      name: "vwt-production-labels",
      billing_mode: "PAY_PER_REQUEST",
      hash_key: "task",
      server_side_encryption: { enabled: true, kms_key_arn: expect.stringMatching(/^\$\{aws_kms_key\./) },
      point_in_time_recovery: { enabled: true },
      deletion_protection_enabled: true,
      global_secondary_index: [
        { name: "queue", hash_key: "queue", range_key: "task", projection_type: "ALL" },
        { name: "agreed", hash_key: "agreedModel", range_key: "agreedAt", projection_type: "ALL" },
      ],
    });
    expect(table).not.toHaveProperty("range_key");
    expect(local.one("aws_dynamodb_table")).toMatchObject({ deletion_protection_enabled: false });
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
    expect(storage.one("aws_cognito_user_group")).toMatchObject({ name: "labellers" });
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

  test("the key rotates", () => {
    expect(storage.one("aws_kms_key")).toMatchObject({ enable_key_rotation: true, deletion_window_in_days: 30 });
  });
});
