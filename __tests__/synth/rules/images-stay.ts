import { differs, type Judgement, only, type Rule, resources } from "./rule";

const REPOSITORY = {
  image_tag_mutability: "IMMUTABLE",
  image_scanning_configuration: { scan_on_push: true },
  encryption_configuration: [{ encryption_type: "KMS" }],
};
const policy = (tagStatus: string) => ({
  policy: JSON.stringify({ rules: [{ selection: { tagStatus }, action: { type: "expire" } }] }),
});
const pair = (repository: object, tagStatus = "untagged") =>
  only({ aws_ecr_repository: { ...REPOSITORY, ...repository }, aws_ecr_lifecycle_policy: policy(tagStatus) });

/** Repositories have immutable, scanned, encrypted images; one with a tag may be in use, however old, and stays. */
export const imagesStay: Rule = {
  judge: (stacks) => [
    ...resources(stacks, "aws_ecr_repository").map(
      ({ address, attributes }): Judgement => [address, differs(attributes, REPOSITORY)],
    ),
    ...resources(stacks, "aws_ecr_lifecycle_policy").map(({ address, attributes }): Judgement => {
      const { rules } = JSON.parse(attributes.policy as string) as { rules: { selection: { tagStatus: string } }[] };
      const sound = rules.length === 1 && rules[0]?.selection.tagStatus === "untagged";
      return [address, sound ? undefined : "removes more than what has no tag"];
    }),
    ...stacks.map((stack): Judgement => {
      const same = stack.count("aws_ecr_repository") === stack.count("aws_ecr_lifecycle_policy");
      return [stack.name, same ? undefined : "has a repository without a lifecycle"];
    }),
  ],
  keeps: pair({}),
  breaks: {
    'image_tag_mutability is "MUTABLE"': pair({ image_tag_mutability: "MUTABLE" }),
    'image_scanning_configuration is {"scan_on_push":false}': pair({
      image_scanning_configuration: { scan_on_push: false },
    }),
    "removes more than what has no tag": pair({}, "any"),
    "has a repository without a lifecycle": only({ aws_ecr_repository: REPOSITORY }),
  },
  least: 3 + 3 + 5,
};
