import { RISK_GROUPS, type RiskGroup } from "../risk/risk";
import { DIMENSION_NAMES, lighterIn, type Restrictions, restricts } from "./restrictions";

export interface PolicyLevel {
  readonly restrictions: Restrictions;
  /** Days after the last assessment that called for it, within which the level does not fall by assessments. */
  readonly minimumDays: number;
}

/** A table of what is done at which risk: risk group → level → restrictions. */
export interface Policy {
  readonly name: string;
  /** Is raised with every change, because events name it. */
  readonly version: number;
  readonly jurisdiction: string;
  /** ISO 4217 code of its amounts, and of the limits that players set themselves. */
  readonly currency: string;
  /** The place is the level. Level 0 is no intervention, and restricts nothing. */
  readonly levels: readonly PolicyLevel[];
  /** Level of each risk group. */
  readonly groups: Readonly<Record<RiskGroup, number>>;
  /** Days in a row with lower assessments, after which a level may fall. */
  readonly consecutive: number;
  readonly review: {
    /** Hours within which a person must have looked; later a review is overdue. */
    readonly deadlineHours: number;
    /** Days for which a decision stands against assessments of no more risk than the person saw. */
    readonly standsDays: number;
    /** The least level that nobody lowers alone; `null` where one person may lower any. */
    readonly fourEyesFrom: number | null;
  };
}

/** Whether players must have agreed to marketing, or must not have refused it. */
export const CONSENTS = ["declared", "presumed"] as const;

/** What an operator has chosen. */
export interface Rules {
  readonly policy: Policy;
  /** Share of the players who are held out of interventions that are a message and nothing else. */
  readonly holdOutShare: number;
  readonly marketing: {
    readonly consent: (typeof CONSENTS)[number];
    /** The least risk group without marketing. */
    readonly suppressFrom: RiskGroup;
  };
}

/** What holds for operators that chose nothing about marketing. */
export const USUAL_MARKETING: Rules["marketing"] = { consent: "declared", suppressFrom: "high" };

/** Highest level that events can tell. */
const MOST_LEVEL = 9;

/** Says whether a person must look at whoever gets to this level: anything restricts, or the case is severe. */
export const needsReview = ({ levels, groups }: Policy, level: number): boolean =>
  restricts(levels[level]?.restrictions ?? {}) || level >= groups.severe;

/**
 * Lists what is wrong with a policy, each with where it is and what to do; none where it may be used. Its rule is that
 * more risk never means less protection, in any dimension.
 */
export function wrongWith({ levels, groups, consecutive, currency, review, ...policy }: Policy): readonly string[] {
  const wrong: string[] = [];
  const hold = (holds: boolean, where: string, what: string) => {
    if (!holds) wrong.push(`policy ${policy.name}: ${where} ${what}`);
  };
  const whole = (value: number, least: number) => Number.isSafeInteger(value) && value >= least;

  hold(/^[a-z][a-z0-9-]{0,49}$/.test(policy.name), "name", "must be lower case words with hyphens between");
  hold(whole(policy.version, 1), "version", "must be a whole number of at least 1");
  hold(/^[A-Z]{3}$/.test(currency), "currency", "must be an ISO 4217 code, such as EUR");
  hold(whole(consecutive, 1), "consecutive", "must be a whole number of at least 1");
  hold(whole(review.deadlineHours, 1), "review.deadlineHours", "must be a whole number of at least 1");
  hold(whole(review.standsDays, 1), "review.standsDays", "must be a whole number of at least 1");
  hold(
    review.fourEyesFrom === null || whole(review.fourEyesFrom, 1),
    "review.fourEyesFrom",
    "must be a level of at least 1, or null",
  );
  hold(
    levels.length >= 2 && levels.length <= MOST_LEVEL + 1,
    "levels",
    `must have from 2 to ${MOST_LEVEL + 1} entries, the first for no intervention`,
  );
  hold(
    DIMENSION_NAMES.every((name) => levels[0]?.restrictions[name] === undefined),
    "levels[0].restrictions",
    "must be empty: level 0 is no intervention",
  );

  levels.forEach(({ restrictions, minimumDays }, level) => {
    const where = `levels[${level}]`;
    hold(whole(minimumDays, 0), `${where}.minimumDays`, "must be a whole number of at least 0");
    hold(
      restrictions.selfExclusion === undefined,
      `${where}.restrictions.selfExclusion`,
      "must be left out: only players exclude themselves",
    );
    const { depositLimit, stakeLimit, lossLimit, sessionMinutes, coolOffHours, message } = restrictions;
    const limits = { depositLimit, stakeLimit, lossLimit };
    for (const [name, limit] of Object.entries(limits)) {
      if (limit === undefined) continue;
      const of = `${where}.restrictions.${name}`;
      hold(limit.currency === currency, `${of}.currency`, `must be the policy's, ${currency}`);
      hold(Number.isFinite(limit.amount) && limit.amount >= 0, `${of}.amount`, "must be a number of at least 0");
      if ("days" in limit) hold(whole(limit.days, 1), `${of}.days`, "must be a whole number of at least 1");
    }
    hold(
      sessionMinutes === undefined || whole(sessionMinutes, 0),
      `${where}.restrictions.sessionMinutes`,
      "must be a whole number of at least 0",
    );
    hold(
      coolOffHours === undefined || whole(coolOffHours, 1),
      `${where}.restrictions.coolOffHours`,
      "must be a whole number of at least 1",
    );
    hold(
      message === undefined || (message.key !== "" && message.languages.length > 0),
      `${where}.restrictions.message`,
      "must have a key and at least one language",
    );
    const below = levels[level - 1];
    if (below === undefined || !sameCurrencies(restrictions, below.restrictions, currency)) return;
    for (const name of lighterIn(restrictions, below.restrictions)) {
      hold(false, `${where}.restrictions.${name}`, `must be at least as strict as that of level ${level - 1}`);
    }
  });

  RISK_GROUPS.forEach((group, place) => {
    const where = `groups.${group}`;
    hold(
      whole(groups[group], 0) && groups[group] < levels.length,
      where,
      `must be a level of the policy, from 0 to ${levels.length - 1}`,
    );
    const below = RISK_GROUPS[place - 1];
    if (below !== undefined) {
      hold(groups[group] >= groups[below], where, `must be no lower than that of ${below}, ${groups[below]}`);
    }
  });
  hold(groups.low === 0, "groups.low", "must be 0: low risk is no reason for an intervention");
  hold(groups.severe > 0, "groups.severe", "must be above 0: severe risk without any intervention helps nobody");
  return wrong;
}

/** Says whether all amounts of both are in the currency. */
const sameCurrencies = (one: Restrictions, other: Restrictions, currency: string): boolean =>
  [one, other].every((each) =>
    [each.depositLimit, each.stakeLimit, each.lossLimit].every(
      (limit) => limit === undefined || limit.currency === currency,
    ),
  );

/** Returns the policy. Throws everything that is wrong with it at once. */
export function checked(policy: Policy): Policy {
  const wrong = wrongWith(policy);
  if (wrong.length > 0) throw new RangeError(wrong.join("\n"));
  return policy;
}
