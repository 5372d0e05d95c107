/** Names by which the user pool says who may label what. Functions find them in the claims of a token. */

/** The group whose members may label. */
export const LABELLERS = "labellers";

/** The custom attribute with the operator whose players a labeller may see. */
export const OPERATOR_ATTRIBUTE = "operator_id";
