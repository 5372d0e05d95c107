import { differs, type Rule } from "./rule";

const backend = (s3: Readonly<Record<string, unknown>>) => ({ terraform: { backend: { s3 } } });
const SOUND = {
  bucket: "b",
  key: "k",
  encrypt: true,
  kms_key_id: "alias/vwt-test-terraform-state",
  use_lockfile: true,
};

/** State is remote, encrypted with a key of its own and locked: one object a stack in one bucket. */
export const stateIsLocked: Rule = {
  judge(stacks, environment) {
    const backends = stacks.map(({ name, json }) => {
      const { s3 } = (json.terraform as { backend: { s3: Readonly<Record<string, unknown>> } }).backend;
      return { name, s3 };
    });
    const [first] = backends;
    return backends.map(({ name, s3 }) => {
      if (backends.some((other) => other.name !== name && other.s3.key === s3.key)) return [name, "shares its key"];
      if (s3.bucket !== first?.s3.bucket) return [name, "is in another bucket"];
      return [
        name,
        differs(s3, { encrypt: true, kms_key_id: `alias/vwt-${environment}-terraform-state`, use_lockfile: true }),
      ];
    });
  },
  keeps: backend(SOUND),
  breaks: {
    "use_lockfile is undefined": backend({ ...SOUND, use_lockfile: undefined }),
    "encrypt is false": backend({ ...SOUND, encrypt: false }),
    "kms_key_id is undefined": backend({ ...SOUND, kms_key_id: undefined }),
    "shares its key": [backend(SOUND), backend(SOUND)],
    "is in another bucket": [backend(SOUND), backend({ ...SOUND, key: "other", bucket: "other" })],
  },
  least: 5,
};
