/** Names by which the user pool says who may do what, and for whom. Functions find them in the claims of a token. */

/** Groups of the user pool, and what their members may do. */
export const GROUPS = {
  labellers: "May see tasks of their operator and answer them",
  reviewers: "May see players of their operator with interventions, and confirm, change or lift these",
} as const;

export type Group = keyof typeof GROUPS;

/** The custom attribute with the operator whose players a person may see. */
export const OPERATOR_ATTRIBUTE = "operator_id";

/** Form of the ids of players and operators, as records have them: neither an e-mail address nor a name passes. */
export const PSEUDONYM = /^[A-Za-z0-9._:-]{1,128}$/;
