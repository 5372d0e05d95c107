import type { Thresholds } from "../catalogue/drift/signals";
import { CONSENTS } from "../catalogue/interventions/policy";
import { RISK_GROUPS } from "../catalogue/risk/risk";
import { type DeliveryRules, deliveryRules, WEBHOOK_REACHES, type WebhookReach } from "./deliveries";
import type { FunctionName } from "./functions";
import {
  arrayOf,
  integer,
  json,
  mapOf,
  number,
  object,
  oneOf,
  optional as optionalField,
  type Parser,
  text,
} from "./parse";

/** The form of a variable's text: `bind` of a function's construct writes it, the function reads it. */
interface Codec<R, W = R> {
  /** Throws an Error that says what the text should have been. */
  readonly read: (value: string) => R;
  readonly write: (value: W) => string;
}

const string: Codec<string> = { read: (value) => value, write: (value) => value };

export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** A number, with the bounds that the configuration is held to as well. */
const numeric = (
  parser: (least: number, most: number) => Parser<number>,
  least: number,
  most: number,
): Codec<number> & Bounds => ({
  least,
  most,
  read: (value) => parser(least, most)(Number(value)),
  write: String,
});

/** Values by the name of a model, dataset or the like, as a JSON object. */
const byName = <T>(entry: Parser<T>): Codec<ReadonlyMap<string, T>, Readonly<Record<string, T>>> => ({
  read: json(mapOf(entry)),
  write: (value) => JSON.stringify(value),
});

/** A variable that a function may lack. */
const optional = <C, O>(codec: C, otherwise: O): C & { readonly otherwise: O } => ({ ...codec, otherwise });

const positive = number(0);
const thresholds: Parser<Thresholds> = object({
  score: positive,
  features: positive,
  risk: positive,
  domain: positive,
});

const marketingRule = object({ consent: oneOf(...CONSENTS), suppressFrom: oneOf(...RISK_GROUPS) });

export const LOG_LEVELS = ["DEBUG", "INFO", "WARN", "ERROR"] as const;

/** Every environment variable of the functions. A name has one form and one meaning, whichever functions have it. */
export const VARIABLES = {
  /** Name of the environment. */
  ENVIRONMENT: string,
  LOG_LEVEL: { read: oneOf(...LOG_LEVELS), write: (level: (typeof LOG_LEVELS)[number]) => level },

  /** ARN of the live alias of each dataset's `preprocess` function. */
  PREPROCESS_FUNCTIONS: byName(text),
  /** ARN of the live alias of `predict`. */
  PREDICT_FUNCTION: string,
  /**
   * The most records of a batch. A thousand records' predictions (about 2.5 MB) or problems (bounded in preprocess)
   * stay below Lambda's 6 MB reply.
   */
  MAX_RECORDS: numeric(integer, 1, 1_000),
  /**
   * The most bytes of a body. API Gateway's event holds it as an escaped string, which Lambda must still accept within
   * 6 MB.
   */
  MAX_BODY_BYTES: numeric(integer, 1_024, 5_500_000),
  /** Time to answer a request; API Gateway itself cuts at 29 s. */
  REQUEST_BUDGET_MS: numeric(integer, 500, 25_000),

  /** Operators that each client acts for, by the id of its API key. */
  CLIENT_OPERATORS: byName(arrayOf(text)),
  /** Ids of all operators. */
  OPERATORS: { read: json(arrayOf(text)), write: (ids: readonly string[]) => JSON.stringify(ids) },
  /** What each operator has chosen, as far as it is not what holds for those that chose nothing. */
  OPERATOR_RULES: byName(
    object({
      policy: text,
      holdOutShare: optionalField(number(0, 1)),
      marketing: optionalField(marketingRule),
    }),
  ),
  /** What each operator has chosen about marketing, as far as it is not what holds for those that chose nothing. */
  MARKETING_RULES: byName(marketingRule),
  /** Name of the table of players. */
  PLAYER_TABLE: string,
  /** Name of the table of audit logs. */
  AUDIT_TABLE: string,
  /** Name of the bucket with the heads of audit logs. */
  AUDIT_BUCKET: string,

  /** Name of each model's endpoint. */
  ENDPOINTS: byName(text),
  ENDPOINT_TIMEOUT_MS: numeric(integer, 100, 20_000),
  /** Name of each model's SSM parameter that holds its serving record. */
  SERVING_PARAMETERS: byName(text),
  /** Seconds for which a container takes a serving record for fresh. */
  SERVING_FRESH_SECONDS: numeric(integer, 1, 300),
  /** Name of each model's SSM parameter that holds its last run. */
  LAST_RUN_PARAMETERS: byName(text),
  /** Name of the table of recent assessments. */
  ASSESSMENT_TABLE: string,
  RISK_MEMORY_DAYS: numeric(integer, 1, 3_650),
  /** Name of each dataset's delivery stream for captured traffic. */
  CAPTURE_STREAMS: optional(byName(text), new Map<string, string>()),
  /** Share of the players whose features and scores are captured. */
  CAPTURE_SHARE: optional(numeric(number, 0, 1), 0),
  /** Name of the SSM parameter with the secret by which captured players get their keys. */
  CAPTURE_SECRET: optional(string, ""),

  /** Name of the bus of the events that follow a prediction. */
  EVENT_BUS: string,
  /** Address of the queue that takes events for the bus when the bus does not. */
  UNPUBLISHED_QUEUE: string,

  /** ISO 4217 code of the currency that models are trained in. */
  CURRENCY: string,
  /** Worth of one unit of each other currency in that of the models, by ISO 4217 code. */
  CURRENCY_RATES: byName(number(Number.MIN_VALUE)),
  /** Currency of records that do not say theirs, by operator. */
  OPERATOR_CURRENCIES: byName(text),

  /** The AWS region, at whose prices a training's cost is bounded. */
  REGION: string,
  /** Name of each dataset's bucket. */
  DATA_BUCKETS: byName(text),
  /** Name of each model's bucket. */
  MODEL_BUCKETS: byName(text),
  /** Name of the label table. */
  LABEL_TABLE: string,
  /** Days for which the label table keeps an item; for ever when it is unset. */
  LABEL_RETENTION_DAYS: optional(numeric(integer, 1, 3_650), undefined),
  /** Name of the table in which a run holds its model. */
  LOCK_TABLE: string,
  /** Model of each model package group. */
  MODELS_BY_GROUP: byName(text),

  /** Hours of traffic that a measurement of drift looks back at. */
  WINDOW_HOURS: numeric(integer, 1, 720),
  /** The fewest rows of a measurement, one a player; with fewer it is skipped, because it would show chance. */
  MINIMUM_ROWS: numeric(integer, 100, 1_000_000_000),
  /** The most rows of a measurement; of more players, a sample counts. A million take a gigabyte. */
  MAXIMUM_ROWS: numeric(integer, 100, 1_000_000),
  /** Hours for which a version has served when a measurement makes its traffic the second reference. */
  TRAFFIC_REFERENCE_HOURS: numeric(number, 0, 720),
  /** Value of each signal of drift above which the population is another one. */
  DRIFT_THRESHOLDS: { read: json(thresholds), write: (value: Thresholds) => JSON.stringify(value) },

  /** Start of the names of the SSM parameters with deliveries' settings, which end in the names of their queues. */
  DELIVERY_PARAMETERS: string,
  DELIVERY_RULES: { read: json(deliveryRules), write: (value: DeliveryRules) => JSON.stringify(value) },
  /** Name of the table of transactions on chains. */
  CHAIN_TABLE: string,
  /** Name of the table of deliveries. */
  DELIVERY_TABLE: string,
  /** Hosts that webhooks may be sent to. */
  WEBHOOK_REACH: { read: oneOf(...WEBHOOK_REACHES), write: (reach: WebhookReach) => reach },
} as const;

export type VariableName = keyof typeof VARIABLES;

const COMMON = ["ENVIRONMENT", "LOG_LEVEL"] as const satisfies readonly VariableName[];
const MONEY = ["CURRENCY", "CURRENCY_RATES", "OPERATOR_CURRENCIES"] as const satisfies readonly VariableName[];

/** The variables of each function, beside those that all of them have. */
export const FUNCTION_VARIABLES = {
  filter: [
    "CLIENT_OPERATORS",
    "PREPROCESS_FUNCTIONS",
    "PREDICT_FUNCTION",
    "MAX_RECORDS",
    "MAX_BODY_BYTES",
    "REQUEST_BUDGET_MS",
  ],
  preprocess: MONEY,
  predict: [
    "ENDPOINTS",
    "ENDPOINT_TIMEOUT_MS",
    "SERVING_PARAMETERS",
    "SERVING_FRESH_SECONDS",
    "ASSESSMENT_TABLE",
    "RISK_MEMORY_DAYS",
    "PLAYER_TABLE",
    "MARKETING_RULES",
    "CAPTURE_STREAMS",
    "CAPTURE_SHARE",
    "CAPTURE_SECRET",
    "EVENT_BUS",
    "UNPUBLISHED_QUEUE",
  ],
  labelling: ["LABEL_TABLE"],
  players: ["CLIENT_OPERATORS", "OPERATOR_RULES", "PLAYER_TABLE"],
  reviews: ["OPERATOR_RULES", "PLAYER_TABLE"],
  "check-request": [],
  plan: ["DATA_BUCKETS", "MODEL_BUCKETS", "SERVING_PARAMETERS", "LAST_RUN_PARAMETERS", "LABEL_TABLE", "REGION"],
  prepare: [...MONEY, "DATA_BUCKETS", "MODEL_BUCKETS"],
  "count-labels": ["MODEL_BUCKETS"],
  "ask-labellers": ["MODEL_BUCKETS", "LABEL_TABLE", "LABEL_RETENTION_DAYS"],
  "collect-labels": ["MODEL_BUCKETS", "LABEL_TABLE"],
  "judge-candidate": ["MODEL_BUCKETS"],
  "await-approval": ["LOCK_TABLE", "MODELS_BY_GROUP"],
  "probe-endpoint": ["ENDPOINTS", "ENDPOINT_TIMEOUT_MS"],
  "prune-versions": ["MODEL_BUCKETS"],
  drift: [
    "DATA_BUCKETS",
    "MODEL_BUCKETS",
    "SERVING_PARAMETERS",
    "WINDOW_HOURS",
    "MINIMUM_ROWS",
    "MAXIMUM_ROWS",
    "TRAFFIC_REFERENCE_HOURS",
    "DRIFT_THRESHOLDS",
  ],
  "watch-reviews": ["OPERATORS", "PLAYER_TABLE"],
  "plan-scoring": ["DATA_BUCKETS", "SERVING_PARAMETERS"],
  "extract-features": [...MONEY, "DATA_BUCKETS"],
  "pick-newest": ["DATA_BUCKETS"],
  "size-transform": ["DATA_BUCKETS"],
  "rank-scores": ["DATA_BUCKETS"],
  "publish-scores": [
    "DATA_BUCKETS",
    "ASSESSMENT_TABLE",
    "RISK_MEMORY_DAYS",
    "PLAYER_TABLE",
    "MARKETING_RULES",
    "EVENT_BUS",
  ],
  republish: ["EVENT_BUS"],
  intervene: ["PLAYER_TABLE", "OPERATOR_RULES"],
  "publish-decisions": ["PLAYER_TABLE", "AUDIT_TABLE", "EVENT_BUS"],
  "write-chain": ["DELIVERY_PARAMETERS", "DELIVERY_RULES", "CHAIN_TABLE", "EVENT_BUS"],
  "anchor-audit": ["OPERATORS", "AUDIT_TABLE", "AUDIT_BUCKET"],
  deliver: ["DELIVERY_PARAMETERS", "DELIVERY_RULES", "DELIVERY_TABLE", "EVENT_BUS", "WEBHOOK_REACH"],
} as const satisfies Readonly<Record<FunctionName, readonly VariableName[]>>;

type CommonVariable = (typeof COMMON)[number];
/** The variables that a function has of its own. */
export type OwnVariable<F extends FunctionName> = (typeof FUNCTION_VARIABLES)[F][number];

type Read = {
  readonly [V in VariableName]:
    | ReturnType<(typeof VARIABLES)[V]["read"]>
    | ((typeof VARIABLES)[V] extends { readonly otherwise: infer O } ? O : never);
};
export type Written = { readonly [V in VariableName]: Parameters<(typeof VARIABLES)[V]["write"]>[0] };
type Variables<V extends VariableName> = { readonly [Each in V]: Read[Each] };

/** The values that a function reads from its variables. */
export type Environment<F extends FunctionName> = Variables<CommonVariable | OwnVariable<F>>;
/** The part of the environment that a function's logic goes by. */
export type Settings<F extends FunctionName> = Variables<OwnVariable<F>>;
export type CommonSettings = Variables<CommonVariable>;

const CODECS: { readonly [V in VariableName]: Codec<Read[V], Written[V]> } = VARIABLES;

export const writeVariable = <V extends VariableName>(name: V, value: Written[V]): string => CODECS[name].write(value);

/**
 * Reads all variables of a function. Throws everything that is wrong at once, so that one failed start tells it all.
 */
export function readEnvironment<F extends FunctionName>(
  of: F,
  source: Readonly<Record<string, string | undefined>>,
): Environment<F> {
  const wrong: string[] = [];
  const entries = [...COMMON, ...FUNCTION_VARIABLES[of]].map((name) => {
    const codec: Codec<unknown, never> = VARIABLES[name];
    const value = source[name];
    if (value === undefined || value === "") {
      if (!("otherwise" in codec)) wrong.push(`${name} is missing`);
      return [name, "otherwise" in codec ? codec.otherwise : undefined];
    }
    try {
      return [name, codec.read(value)];
    } catch (error) {
      wrong.push(`${name} ${(error as Error).message}`);
      return [name, undefined];
    }
  });
  if (wrong.length > 0) throw new Error(`The environment of ${of} is wrong: ${wrong.join("; ")}`);
  return Object.fromEntries(entries) as Environment<F>;
}
