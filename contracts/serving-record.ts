/**
 * The serving record says what a model's endpoint serves. It is an SSM parameter in JSON: Terraform writes the first one,
 * the main state machine another after each update of the endpoint that it has verified.
 */

/** Version of the model that Terraform deploys before any is trained. */
export const INITIAL_VERSION = "initial";

/** Fields of a serving record, each of them a text. */
export const SERVING_FIELDS = ["modelVersion", "featureHash", "endpointConfigName", "modelName", "artefact"] as const;

export type ServingField = (typeof SERVING_FIELDS)[number];

/** A value for each field: texts, or expressions for them. */
export type ServingValues = Readonly<Record<ServingField, string>>;

/** A serving record, as far as somebody needs it. */
export type ServingRecord<Needed extends ServingField = ServingField> = Readonly<Record<Needed, string>> & {
  /** Since when the model serves, RFC 3339; absent while the initial model does. */
  readonly updatedAt?: string;
};

/**
 * Reads the fields of a serving record that somebody needs. Whoever needs few of them is not stopped by what is wrong
 * with others.
 *
 * @throws Error when the text is no JSON object with these fields as texts.
 */
export function parseServingRecord<Needed extends ServingField>(
  value: string,
  ...needed: readonly Needed[]
): ServingRecord<Needed> {
  const found = parsed(value);
  const fields = needed.map((field) => [field, found[field]] as const);
  if (fields.some(([, text]) => typeof text !== "string" || text === "")) {
    throw new Error(`the serving record is not {${needed.join(", ")}, …}; the model's next run writes it anew`);
  }
  const { updatedAt } = found;
  return {
    ...(Object.fromEntries(fields) as Record<Needed, string>),
    ...(typeof updatedAt === "string" && { updatedAt }),
  };
}

function parsed(value: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(value));
  } catch {
    return {};
  }
}

/** Environment variables of a SageMaker model that say which version it is. Serving records are held against them. */
export const MODEL_VARIABLES = {
  modelVersion: "VWT_MODEL_VERSION",
  featureHash: "VWT_FEATURE_HASH",
  /** ARN in the model registry; the initial model has none. */
  modelPackage: "VWT_MODEL_PACKAGE",
} as const;
