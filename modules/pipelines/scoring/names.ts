import type { Naming } from "../../base/naming";

/** Begins the names of what the scoring makes on SageMaker for a model. */
export const scoringPrefix = (naming: Naming, model: string): string => naming.of("sagemakerPrefix", "scoring", model);
