import { differs, type Judgement, only, type Rule, reference, resources } from "./rule";

const FUNCTION = {
  runtime: "nodejs22.x",
  architectures: ["arm64"],
  publish: true,
  source_code_hash: `${"a".repeat(43)}=`,
  s3_key: reference("aws_s3_object.code.key"),
};
const pair = (lambda: object, alias = "live") =>
  only({ aws_lambda_function: { ...FUNCTION, ...lambda }, aws_lambda_alias: { name: alias } });

/**
 * Functions run on arm64 and Node 22 what was published of the code whose hash is in the plan, and are called by their
 * alias.
 */
export const functionRunsWhatIsPublished: Rule = {
  judge: (stacks) => [
    ...resources(stacks, "aws_lambda_function").map(
      ({ address, attributes }): Judgement => [
        address,
        differs(attributes, {
          ...FUNCTION,
          source_code_hash: /^[A-Za-z0-9+/]{43}=$/,
          s3_key: /^\$\{aws_s3_object\./,
        }),
      ],
    ),
    ...stacks.map((stack): Judgement => {
      const names = Object.values(stack.all("aws_lambda_alias")).map(({ name }) => name);
      const sound = names.length === stack.count("aws_lambda_function") && names.every((name) => name === "live");
      return [stack.name, sound ? undefined : "has a function without the alias live, or another alias"];
    }),
  ],
  keeps: pair({}),
  breaks: {
    'runtime is "nodejs18.x"': pair({ runtime: "nodejs18.x" }),
    'architectures is ["x86_64"]': pair({ architectures: ["x86_64"] }),
    "publish is false": pair({ publish: false }),
    "source_code_hash is undefined": pair({ source_code_hash: undefined }),
    's3_key is "function.zip"': pair({ s3_key: "function.zip" }),
    "has a function without the alias live, or another alias": pair({}, "latest"),
  },
  least: 15,
};
