import { loadConfig } from "../../config";
import { chainSettings } from "../../contracts/chain";
import { parseJson } from "../../contracts/parse";
import { list, rolePolicyOf, type SynthesizedStack, statements, synthesize } from "./synthesize";

const HERE = "eu-west-1:000000000000";
const QUEUE = "vwt-local-chain-operator-c_chain";
const PATH = `/vwt/local/deliveries/${QUEUE}`;
const { operators } = synthesize("local");

const settingsIn = (stack: SynthesizedStack) =>
  parseJson(chainSettings, stack.one("aws_ssm_parameter", { name: PATH }).value as string, PATH);

/** All that a function's role may do, with what. */
function allowed(name: string) {
  const all = statements(rolePolicyOf(operators, name));
  return (action: string) =>
    all.filter(({ Action }) => list(Action).includes(action)).flatMap(({ Resource }) => list(Resource));
}

test("decisions about the operator's players come to the chain's queue, and nothing else", () => {
  const rule = operators.one("aws_cloudwatch_event_rule", { name: QUEUE });
  expect(JSON.parse(rule.event_pattern as string)).toEqual({
    source: ["vwt"],
    "detail-type": ["InterventionDecided", "InterventionChanged"],
    detail: { operatorId: ["operator-c"] },
  });
});

test("as many messages as a transaction takes are gathered, for one call that writes", () => {
  expect(operators.one("aws_lambda_event_source_mapping", { batch_size: 100 })).toMatchObject({
    function_name: expect.stringContaining("write-chain"),
    maximum_batching_window_in_seconds: 2,
    scaling_config: { maximum_concurrency: 2 },
  });
});

test("the function is told where the contract is, who signs, and which secrets hold the salt and the node", () => {
  expect(settingsIn(operators)).toEqual({
    operatorId: "operator-c",
    name: "chain",
    deadLetters: `arn:aws:sqs:${HERE}:${QUEUE}-dead`,
    rpcSecret: expect.stringMatching(/aws_secretsmanager_secret.*rpc/),
    ...{ chainId: 31_337, confirmations: 1, mostFeeInGwei: 100 },
    contract: "0x5FbDB2315678afecb367f032d93F642f64180aa3",
    key: expect.stringMatching(/aws_kms_key/),
    salt: expect.stringMatching(/aws_secretsmanager_secret.*salt/),
  });
});

test("a node's URL without credentials is no secret", () => {
  const config = loadConfig("local");
  const [chain] = config.operators["operator-c"]?.deliveries ?? [];
  const deliveries = [{ ...chain, rpcUrl: "https://node.example/" }] as NonNullable<typeof chain>[];
  const others = { ...config.operators, "operator-c": { ...config.operators["operator-c"], deliveries } };
  const stack = synthesize({ ...config, operators: others as typeof config.operators }).operators;
  expect(settingsIn(stack)).toMatchObject({ rpcUrl: "https://node.example/" });
  expect(settingsIn(stack)).not.toHaveProperty("rpcSecret");
});

test("the salt is in no state, and the node's URL is for people to put in", () => {
  const versions = Object.values(operators.all("aws_secretsmanager_secret_version"));
  const of = (name: string) => versions.filter(({ secret_id }) => String(secret_id).includes(`chain_${name}`));
  expect(of("salt")).toMatchObject([{ secret_string_wo: expect.stringContaining("base64sha256(") }]);
  expect(of("salt")[0]).not.toHaveProperty("secret_string");
  expect(of("rpc")).toEqual([]);
});

test("a key pair of the chain's curve signs for the delivery, and the function alone signs by it", () => {
  expect(operators.one("aws_kms_key", { key_usage: "SIGN_VERIFY" })).toMatchObject({
    customer_master_key_spec: "ECC_SECG_P256K1",
  });
  expect(operators.one("aws_kms_alias")).toMatchObject({ name: "alias/vwt-local-chain-operator-c_chain" });
  expect(allowed("write-chain")("kms:Sign")).toEqual([expect.stringMatching(/aws_kms_key/)]);
  expect(allowed("deliver")("kms:Sign")).toEqual([]);
});

test("the function keeps transactions in a table of its own, and reads secrets of deliveries", () => {
  const may = allowed("write-chain");
  for (const action of ["dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem", "dynamodb:DeleteItem"]) {
    expect(may(action)).toEqual([expect.stringMatching(/aws_dynamodb_table\.chains_table/)]);
  }
});

test.each([
  ["write-chain", "vwt-local-chain-*"],
  ["deliver", "vwt-local-delivery-*"],
])("%s has the queues, settings and secrets of its own deliveries, and sends to dead letters alone", (name, own) => {
  const may = allowed(name);
  expect(may("secretsmanager:GetSecretValue")).toEqual([
    `arn:aws:secretsmanager:${HERE}:secret:/vwt/local/deliveries/${own}`,
  ]);
  expect(may("ssm:GetParameter")).toEqual([`arn:aws:ssm:${HERE}:parameter/vwt/local/deliveries/${own}`]);
  for (const action of ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]) {
    expect(may(action)).toEqual([`arn:aws:sqs:${HERE}:${own}`]);
  }
  const ours = may("sqs:SendMessage").filter((arn) => !arn.endsWith(":operator-b-wallet.fifo"));
  expect(ours).toEqual([`arn:aws:sqs:${HERE}:${own}-dead`]);
});

test("every queue that a function reads and every secret is of its prefix, and every dead-letter queue ends as it should", () => {
  for (const { function_name, event_source_arn } of Object.values(operators.all("aws_lambda_event_source_mapping"))) {
    const [, id = ""] = /^\$\{aws_sqs_queue\.([\w-]+)\.arn\}$/.exec(String(event_source_arn)) ?? [];
    const prefix = String(function_name).includes("write-chain") ? "vwt-local-chain-" : "vwt-local-delivery-";
    expect(operators.all("aws_sqs_queue")[id]?.name).toMatch(new RegExp(`^${prefix}`));
  }
  const salts = Object.values(operators.all("aws_secretsmanager_secret")).filter(({ name }) =>
    /salt|rpc/.test(String(name)),
  );
  expect(salts.map(({ name }) => name).sort()).toEqual([`${PATH}/rpc`, `${PATH}/salt`]);
});

test("people hear of a chain that goes on failing", () => {
  expect(operators.one("aws_cloudwatch_metric_alarm", { alarm_name: "vwt-local-circuits-chain" })).toMatchObject({
    ...{ metric_name: "ChainFailures", threshold: 2, period: 900, comparison_operator: "GreaterThanThreshold" },
    dimensions: { service: "write-chain", environment: "local", delivery: "chain" },
  });
});
