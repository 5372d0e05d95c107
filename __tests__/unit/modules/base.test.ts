import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SnsTopic } from "@cdktf/provider-aws/lib/sns-topic";
import { App, Aspects, TerraformOutput } from "cdktf";
import { loadConfig } from "../../../config";
import { BaseStack } from "../../../modules/base/base-stack";
import { withoutStackTraces } from "../../../modules/base/stack-traces";

class Stack extends BaseStack {
  override get key(): never {
    throw new Error("this stack encrypts nothing");
  }
}

describe("a stack's elements, which are resolved once,", () => {
  /** Synthesizes a stack with a topic, and one that refers to it. */
  function synthesized(change: (topic: SnsTopic) => void = () => {}) {
    const outdir = mkdtempSync(join(tmpdir(), "vwt-base-"));
    try {
      const app = new App({ outdir });
      const [origin, user] = ["origin", "user"].map((name) => new Stack(app, name, loadConfig("local")));
      const topic = new SnsTopic(origin as Stack, "topic", { name: "topic" });
      new TerraformOutput(user as Stack, "name", { value: topic.name });
      change(topic);
      app.synth();
      const [one, other] = ["origin", "user"].map((name) =>
        JSON.parse(readFileSync(join(outdir, "stacks", `local-${name}`, "cdk.tf.json"), "utf8")),
      );
      return { topic: one.resource.aws_sns_topic.topic, outputs: one.output, read: other.output.name.value };
    } finally {
      rmSync(outdir, { recursive: true, force: true });
    }
  }

  test("refer to other stacks by their outputs", () => {
    const { topic, outputs, read } = synthesized();
    expect(topic).toMatchObject({ name: "topic" });
    const [[output, { value }]] = Object.entries(outputs) as [[string, { value: string }]];
    expect(value).toBe(`\${aws_sns_topic.topic.name}`);
    expect(read).toBe(`\${data.terraform_remote_state.cross-stack-reference-input-local-origin.outputs.${output}}`);
  });

  test("are what aspects have made of them", () => {
    const { topic } = synthesized((construct) =>
      Aspects.of(construct).add({ visit: () => construct.addOverride("display_name", "from an aspect") }),
    );
    expect(topic).toMatchObject({ name: "topic", display_name: "from an aspect" });
  });
});

describe("what runs without stack traces", () => {
  const depth = () => new Error("here").stack?.split("\n").length ?? 0;

  test("makes none, and others do again", () => {
    expect(withoutStackTraces(depth)).toBe(0);
    expect(depth()).toBeGreaterThan(1);
  });

  test("runs once more when it fails, for the error to have one", () => {
    const stacks: (string | undefined)[] = [];
    const fail = () => {
      const error = new Error("wrong");
      stacks.push(error.stack);
      throw error;
    };
    expect(() => withoutStackTraces(fail)).toThrow("wrong");
    expect(stacks).toEqual([undefined, expect.stringContaining("base.test.ts")]);
  });
});
