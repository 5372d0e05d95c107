import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { POLICIES, type PolicyName } from "../../catalogue/interventions/policies";
import { CONSENTS } from "../../catalogue/interventions/policy";
import { RISK_GROUPS } from "../../catalogue/risk/risk";
import type { Written } from "../../contracts/environment";
import { PSEUDONYM } from "../../contracts/people";
import { section } from "./section";
import type { usagePlans } from "./usage-plans";

const LOOPBACK = new Set(["127.0.0.1", "[::1]", "localhost"]);

const isLoopback = (url: URL): boolean => LOOPBACK.has(url.hostname);

/** Takes URLs by https, or by http on this machine, which the whole configuration allows to `local` alone. */
const endpoint = z.url({ error: "must be a URL", abort: true }).superRefine((text, context) => {
  const url = new URL(text);
  const refuse = (message: string) => context.addIssue({ code: "custom", message });
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url))) refuse("must begin with https://");
  // A configuration is read by many, and Terraform's state holds it.
  if (url.username !== "" || url.password !== "") refuse("has credentials in it; take them out");
  if (url.hash !== "") refuse("has a fragment, which is never sent; take it out");
});

const name = z
  .string()
  .regex(/^[a-z0-9-]{1,20}$/, "must be 1 to 20 of a-z, 0-9 and -")
  // A function may send to queues that end so.
  .refine((text) => !text.endsWith("-dead"), 'must not end in "-dead", as names of dead-letter queues do')
  .describe("Names the delivery in queues, alarms and commands.");

const KIND = "Which kind it is.";

const delivery = z.discriminatedUnion("kind", [
  section("Posts each decision to an HTTP server of the operator's, signed.", {
    kind: z.literal("webhook").describe(KIND),
    name,
    url: endpoint.describe("Takes the posts; https, and no credentials in it."),
  }),
  section("Sends each decision to an SQS queue of the operator's account.", {
    kind: z.literal("queue").describe(KIND),
    name,
    queueArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:sqs:[a-z]{2}(-[a-z]+)+-\d:\d{12}:[A-Za-z0-9_-]{1,80}(\.fifo)?$/,
        "must be the ARN of an SQS queue",
      )
      .describe("The queue, whose policy lets our function send to it."),
    keyArn: z
      .string()
      .regex(/^arn:aws[a-z-]*:kms:[a-z]{2}(-[a-z]+)+-\d:\d{12}:key\/[A-Za-z0-9-]+$/, "must be the ARN of a KMS key")
      .optional()
      .describe(
        "The key that encrypts the queue, if the operator has one of its own; its policy lets our function use it.",
      ),
  }),
  section("Writes each decision to a contract on an EVM chain.", {
    kind: z.literal("chain").describe(KIND),
    name,
    rpcUrl: endpoint
      .nullable()
      .describe(
        "A node of the chain, by JSON-RPC; https, and no credentials in it. `null` where it has some: then a secret holds it.",
      ),
    chainId: z.int().min(1).describe("The chain's id (EIP-155); nothing is sent to a node of another chain."),
    contract: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, "must be an address: 0x and 40 hexadecimal digits")
      .describe("Address of the `InterventionRegistry`."),
    confirmations: z
      .int()
      .min(1)
      // Nodes that are no archives know what a contract held 128 blocks ago.
      .max(100)
      .describe("Blocks, the record's own among them, after which it is taken for final."),
    mostFeeInGwei: z
      .number()
      .gt(0)
      .max(1_000_000)
      .default(100)
      .describe("The most that a transaction offers for a unit of gas, in gwei; while blocks cost more, records wait."),
  }),
]);

const operator = section("An operator.", {
  clients: z
    .array(z.string())
    .min(1)
    .refine(areDistinct, "names a client twice; remove one")
    .describe("Clients of usage plans that may send records of its players and ask about them."),
  policy: z
    .enum(Object.keys(POLICIES) as PolicyName[])
    .default("cautious")
    .describe("The policy by which a risk becomes an intervention."),
  holdOutShare: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe("Share of the players who are held out of interventions that are a message alone, for comparison."),
  deliveries: z
    .array(delivery)
    .refine((deliveries) => areDistinct(deliveries.map((each) => each.name)), {
      message: "has two deliveries of one name; rename one",
    })
    .default([])
    .describe("Where its decisions go."),
  archive: section("Everything about its players that is told, kept for it.", {
    enabled: z.boolean().default(true).describe("Whether predictions and decisions are written to its archive."),
    account: z
      .string()
      .regex(/^\d{12}$/, "must be the 12 digits of an AWS account")
      .optional()
      .describe("The operator's AWS account, whose people may read its archive by a role; without it, nobody does."),
  }).prefault({}),
  marketing: section("When the operator is given predictions for marketing.", {
    consent: z
      .enum(CONSENTS)
      .default("declared")
      .describe("Whether a player must have consented, or must not have refused."),
    suppressFrom: z
      .enum(RISK_GROUPS)
      .default("high")
      .describe("The least risk group of players about whom it gets none."),
  }).prefault({}),
});

export const operators = z
  .record(z.string().regex(PSEUDONYM, "must be a pseudonym as in records' operatorId"), operator)
  .describe("The operators by their ids, as records name them.");

type Operators = z.infer<typeof operators>;

/** The most bytes of operators in a function's variables, of which Lambda takes 4 KB. */
const MOST_BYTES = 3_000;
/** About as long as the id of an API key, with its quotes. */
const KEY_ID = "key-id-0123";

/** Lists the operators that each client acts for. */
export const operatorsByClient = (all: Operators): ReadonlyMap<string, readonly string[]> =>
  Object.entries(all).reduce<Map<string, string[]>>((found, [id, { clients }]) => {
    for (const client of clients) found.set(client, [...(found.get(client) ?? []), id]);
    return found;
  }, new Map());

const USUAL = operator.parse({ clients: [""] });

/** What operators have chosen, as far as it is not what holds for those that chose nothing. */
export const chosenRules = (all: Operators): Written["OPERATOR_RULES"] =>
  Object.fromEntries(
    Object.entries(all).flatMap(([id, { policy, holdOutShare, marketing }]) => {
      const more = {
        ...(holdOutShare !== USUAL.holdOutShare && { holdOutShare }),
        ...(!isDeepStrictEqual(marketing, USUAL.marketing) && { marketing }),
      };
      return policy === USUAL.policy && Object.keys(more).length === 0 ? [] : [[id, { policy, ...more }]];
    }),
  );

/** What operators have chosen about marketing, as far as it is not what holds for those that chose nothing. */
export const chosenMarketing = (all: Operators): Written["MARKETING_RULES"] =>
  Object.fromEntries(
    Object.entries(chosenRules(all)).flatMap(([id, { marketing }]) => (marketing ? [[id, marketing]] : [])),
  );

interface Whole {
  readonly environment: string;
  readonly operators: Operators;
  readonly api: { readonly usagePlans: z.infer<typeof usagePlans> };
}

/** Refuses operators and usage plans that do not fit each other, and what only the emulator may do. */
export function fitting({ environment, operators: all, api }: Whole, context: z.RefinementCtx): void {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path: ["operators", ...path], message });
  const known = new Set(Object.values(api.usagePlans).flatMap(({ clients }) => clients));
  const acting = operatorsByClient(all);
  for (const [id, { clients, deliveries }] of Object.entries(all)) {
    for (const [index, client] of clients.entries()) {
      if (!known.has(client)) {
        refuse([id, "clients", index], "is a client of no usage plan; add it to one, or correct its name");
      }
    }
    for (const [index, each] of deliveries.entries()) {
      const key = each.kind === "webhook" ? "url" : "rpcUrl";
      const url = each.kind === "webhook" ? each.url : each.kind === "chain" ? each.rpcUrl : null;
      if (environment !== "local" && url !== null && isLoopback(new URL(url))) {
        refuse([id, "deliveries", index, key], "is this machine itself, which only the local environment reaches");
      }
    }
  }
  for (const client of known) {
    if (!acting.has(client)) refuse([], `has none that client "${client}" of a usage plan acts for; add it to one`);
  }
  const bytes = JSON.stringify([[...acting].map(([, ids]) => [KEY_ID, ids]), chosenRules(all)]).length;
  if (bytes > MOST_BYTES) {
    refuse([], `take ${bytes} bytes of a function's variables, of ${MOST_BYTES}; use shorter ids, or fewer clients`);
  }
}

function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length;
}
