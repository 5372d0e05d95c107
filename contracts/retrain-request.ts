import {
  LABELLING_MODES,
  type LabellingMode,
  type LabellingProvider,
  type LabellingSettings,
} from "../catalogue/labelling/modes";
import { RUN_ID } from "./run-layout";
import { INITIAL_VERSION } from "./serving-record";

/** Asks for a run of one model; everything but the model may be left out. */
export interface RetrainRequest {
  readonly model: string;
  /** Train although no record is new. */
  readonly force?: boolean;
  /** Instead of what the configuration says, and never less strict than it. */
  readonly approval?: "automatic" | "manual";
  readonly approvalDeadlineInSeconds?: number;
  /** Another way to labels than the catalogue's table would choose, and other settings than the configuration's. */
  readonly labelling?: LabellingRequest;
  /** Do not train: make the endpoint serve this earlier version. */
  readonly version?: string;
  /** Why a version that nobody approved may serve all the same; it is recorded in the model registry. */
  readonly override?: string;
  /** What started the run, for people. */
  readonly trigger?: (typeof TRIGGERS)[number];
}

const TRIGGERS = ["alarm", "schedule", "person"] as const;

export type LabellingRequest = {
  readonly mode?: LabellingMode;
  readonly groundTruth?: NonNullable<LabellingSettings["groundTruth"]>;
} & { readonly [K in LabellingNumber]?: number };

/** Settings of the labelling that a request may change, with their bounds; the configuration is held to the same. */
export const LABELLING_BOUNDS = {
  /** Usable records from which on a labelling model labels. */
  minimumForAutomatic: { least: 100, most: 1e12, stricter: "higher" },
  maximumTasks: { least: 1, most: 5000 },
  votesToAgree: { least: 1, most: 9, stricter: "higher" },
  mostVotes: { least: 1, most: 9 },
  deadlineInSeconds: { least: 1, most: 2_592_000 },
} as const satisfies Partial<Record<keyof LabellingSettings, Bounds>>;

type LabellingNumber = keyof typeof LABELLING_BOUNDS;

interface Bounds {
  readonly least: number;
  readonly most: number;
  /** The direction in which a request may go although the configuration lets requests be stricter only. */
  readonly stricter?: "higher";
}

/** Longest that a candidate may wait for a person, in seconds. */
export const LONGEST_APPROVAL = 2_592_000;

/** The configuration of a model against which its requests are checked. */
export interface RequestPolicy {
  readonly approval: "automatic" | "manual";
  readonly labelling: LabellingSettings;
  /** Lets requests ask for less than the configuration does. */
  readonly requestsMayLoosen: boolean;
}

type Check = (value: unknown, policy: RequestPolicy) => string | undefined;

const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string) ? undefined : `must be one of ${words.join(", ")}`;

const within =
  ({ least, most }: Pick<Bounds, "least" | "most">): Check =>
  (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`;

const text =
  (pattern: RegExp, what: string): Check =>
  (value) =>
    typeof value === "string" && pattern.test(value) ? undefined : `must be ${what}`;

/** Checks of every field of a request but the model. */
const FIELDS: Readonly<Record<Exclude<keyof RetrainRequest, "model">, Check>> = {
  force: (value) => (typeof value === "boolean" ? undefined : "must be true or false"),
  approval: (value, { approval, requestsMayLoosen }) =>
    oneOf("automatic", "manual")(value, NO_POLICY) ??
    (value === "automatic" && approval === "manual" && !requestsMayLoosen
      ? "must not be automatic: the model's configuration wants a person, and requests may be stricter only"
      : undefined),
  approvalDeadlineInSeconds: within({ least: 1, most: LONGEST_APPROVAL }),
  labelling: checkLabelling,
  version: text(
    new RegExp(`^(${INITIAL_VERSION}|${RUN_ID})$`),
    `a version such as 20261123-134207-8ed339, or "${INITIAL_VERSION}"`,
  ),
  override: text(/^[\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]{1,500}$/u, "the reason, in 1 to 500 characters on one line"),
  trigger: oneOf(...TRIGGERS),
};
const NO_POLICY = {} as RequestPolicy;

/** Fields that are about a training; a rollback has none. */
const OF_TRAINING = ["force", "approval", "approvalDeadlineInSeconds", "labelling"] as const;

/** Checks a number of the labelling: within its bounds, and no less strict than the configuration. */
const labellingNumber =
  (name: LabellingNumber): Check =>
  (value, { labelling, requestsMayLoosen }) => {
    const bounds: Bounds = LABELLING_BOUNDS[name];
    const wrong = within(bounds)(value, NO_POLICY);
    if (wrong || !bounds.stricter || requestsMayLoosen || (value as number) >= labelling[name]) return wrong;
    return `must be at least the configured ${labelling[name]}: requests may be stricter only`;
  };

/** Modes that a request may choose although it may be stricter only: no model labels, and nobody else sees records. */
const STRICT_MODES: Readonly<Record<LabellingProvider, readonly LabellingMode[]>> = {
  none: ["outcome"],
  own: ["outcome", "people"],
  "ground-truth": ["outcome", "ground-truth"],
};

const labellingMode: Check = (value, { labelling: { provider }, requestsMayLoosen }) =>
  oneOf(...LABELLING_MODES)(value, NO_POLICY) ??
  (requestsMayLoosen || STRICT_MODES[provider].includes(value as LabellingMode)
    ? undefined
    : `must be one of ${STRICT_MODES[provider].join(", ")}, because the configured provider is ${provider} and requests ` +
      "may be stricter only");

const GROUND_TRUTH_ARNS = ["workteamArn", "preHumanTaskLambdaArn", "consolidationLambdaArn"] as const;

const groundTruth: Check = (value, { labelling, requestsMayLoosen }) => {
  const sound =
    isObject(value) &&
    Object.keys(value).sort().join() === [...GROUND_TRUTH_ARNS].sort().join() &&
    Object.values(value).every((arn) => typeof arn === "string" && /^arn:aws[a-z-]*:(sagemaker|lambda):/.test(arn));
  if (!sound) return `must be an object with the ARNs ${GROUND_TRUTH_ARNS.join(", ")}`;
  return requestsMayLoosen || GROUND_TRUTH_ARNS.every((name) => value[name] === labelling.groundTruth?.[name])
    ? undefined
    : "must be the configured one: requests may be stricter only, and another work team is others who see records";
};

const LABELLING_FIELDS: Readonly<Record<keyof LabellingRequest, Check>> = {
  mode: labellingMode,
  groundTruth,
  minimumForAutomatic: labellingNumber("minimumForAutomatic"),
  maximumTasks: labellingNumber("maximumTasks"),
  votesToAgree: labellingNumber("votesToAgree"),
  mostVotes: labellingNumber("mostVotes"),
  deadlineInSeconds: labellingNumber("deadlineInSeconds"),
};

function checkLabelling(value: unknown, policy: RequestPolicy): string | undefined {
  if (!isObject(value)) return 'must be an object such as {"mode": "people"}';
  const wrong = problemsOf(value, LABELLING_FIELDS, policy, "a labelling")[0];
  const { votesToAgree, mostVotes } = { ...policy.labelling, ...value } as LabellingSettings;
  if (wrong !== undefined || votesToAgree <= mostVotes) return wrong && `is wrong: ${wrong}`;
  return `is wrong: votesToAgree ${votesToAgree} is more than mostVotes ${mostVotes}`;
}

/** Finds what is wrong with the fields of an object, unknown fields among them. */
function problemsOf(
  fields: Readonly<Record<string, unknown>>,
  checks: Readonly<Record<string, Check>>,
  policy: RequestPolicy,
  what: string,
): string[] {
  return Object.entries(fields).flatMap(([key, value]) => {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (!check) return [`${clipped(key)} is no field of ${what}; there are ${Object.keys(checks).join(", ")}`];
    const wrong = check(value, policy);
    return wrong === undefined ? [] : [`${key} ${wrong} (found ${shown(value)})`];
  });
}

/** The most mistakes that are told; a run's state holds the words, and has its limit. */
const MOST_PROBLEMS = 10;

const clipped = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}…` : text);

/**
 * Shows a value as it was sent, as far as anybody reads it; JSON's own writer gives up on what is nested thousands
 * deep.
 */
function shown(value: unknown): string {
  try {
    return clipped(JSON.stringify(value));
  } catch {
    return "something nested too deeply";
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A request that the main state machine goes on with, or everything that is wrong with it, in words. */
export type CheckedRequest = { readonly request: RetrainRequest } | { readonly problem: string };

/**
 * Checks an item of the main state machine's input: a model's name, or a `RetrainRequest`. It guesses nothing, and passes
 * over no field that it does not know.
 */
export function checkRequest(input: unknown, policies: Readonly<Record<string, RequestPolicy>>): CheckedRequest {
  const request = typeof input === "string" ? { model: input } : input;
  if (!isObject(request)) {
    return { problem: `${shown(input)} is neither a model's name nor an object such as {"model": "…"}` };
  }
  const { model, ...fields } = request;
  const names = Object.keys(policies).join(", ");
  if (typeof model !== "string" || !Object.hasOwn(policies, model)) {
    return { problem: `model must be one of ${names}, not ${model === undefined ? "missing" : shown(model)}` };
  }
  const problems = problemsOf(fields, FIELDS, policies[model] as RequestPolicy, "a request");
  const { version, override } = fields;
  if (version !== undefined) {
    const useless = OF_TRAINING.filter((key) => fields[key] !== undefined);
    if (useless.length > 0) problems.push(`version trains nothing, so ${useless.join(", ")} must be left out`);
  } else if (override !== undefined) {
    problems.push("override belongs to a version");
  }
  if (problems.length > MOST_PROBLEMS)
    problems.splice(MOST_PROBLEMS, Infinity, `${problems.length - MOST_PROBLEMS} more`);
  return problems.length > 0 ? { problem: problems.join("; ") } : { request: { model, ...fields } };
}
