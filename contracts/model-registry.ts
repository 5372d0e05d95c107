/** Property of a model package that holds its version, which is the id of the run that registered it. */
export const VERSION_PROPERTY = "modelVersion";
