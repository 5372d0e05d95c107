import { differs, type Rule } from "./rule";

const provider = (aws: Readonly<Record<string, unknown>>) => ({ provider: { aws: [aws] } });
const tags = (environment: string) => ({ Project: "vwt", Environment: environment, ManagedBy: "terraform" });
const SOUND = { allowed_account_ids: ["000000000000"], default_tags: [{ tags: tags("test") }] };

/** The provider tags everything, and refuses other accounts. */
export const providerIsOurs: Rule = {
  judge: (stacks, environment) =>
    stacks.map(({ name, json }) => {
      const [aws = {}] = (json.provider as { aws: Readonly<Record<string, unknown>>[] }).aws;
      return [name, differs(aws, { ...SOUND, default_tags: [{ tags: tags(environment) }] })];
    }),
  keeps: provider(SOUND),
  breaks: {
    "allowed_account_ids is undefined": provider({ default_tags: SOUND.default_tags }),
    "default_tags is undefined": provider({ allowed_account_ids: SOUND.allowed_account_ids }),
  },
  least: 5,
};
