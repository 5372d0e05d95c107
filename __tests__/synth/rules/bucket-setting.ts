import { type Attributes, differs, type Judgement, type Rule, reference, resources } from "./rule";

const BUCKET = { aws_s3_bucket: { one: { bucket: "b" } } };
const ID = reference("aws_s3_bucket.one.id");

/**
 * Makes the rule that every bucket has exactly one setting of a type, which is as `expected` or as `check` says, and that
 * no such setting is of anything else.
 */
export function bucketSetting(
  type: string,
  sound: Attributes,
  expected: Attributes | ((attributes: Attributes) => string | undefined),
  broken: Readonly<Record<string, Attributes>>,
): Rule {
  const check = typeof expected === "function" ? expected : (attributes: Attributes) => differs(attributes, expected);
  const terraform = (setting: Attributes | undefined): Rule["keeps"] => ({
    resource: { ...BUCKET, ...(setting && { [type]: { one: { bucket: ID, ...setting } } }) },
  });
  return {
    judge: (stacks) => {
      const buckets = resources(stacks, "aws_s3_bucket").map(({ stack, id, address }): Judgement => {
        const own = Object.values(stack.all(type)).filter(
          ({ bucket }) => bucket === reference(`aws_s3_bucket.${id}.id`),
        );
        return [address, own.length === 1 ? check(own[0] as Attributes) : `has ${own.length} ${type}`];
      });
      const counts = stacks.map((stack): Judgement => {
        const same = stack.count(type) === stack.count("aws_s3_bucket");
        return [stack.name, same ? undefined : `has another number of ${type} than of buckets`];
      });
      return [...buckets, ...counts];
    },
    keeps: terraform(sound),
    breaks: {
      [`has 0 ${type}`]: terraform(undefined),
      [`has another number of ${type} than of buckets`]: {
        resource: {
          ...BUCKET,
          [type]: { one: { bucket: ID, ...sound }, other: { bucket: reference("aws_s3_bucket.other.id"), ...sound } },
        },
      },
      ...Object.fromEntries(
        Object.entries(broken).map(([wrong, attributes]) => [wrong, terraform({ ...sound, ...attributes })]),
      ),
    },
    least: 6 + 5,
  };
}
