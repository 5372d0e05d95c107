import { join } from "node:path";
import { boundaries, FUZZ_TESTS, fuzzLines } from "../lib/fuzzing";
import { main } from "../lib/main";
import { root } from "../lib/paths";
import { run, UserError } from "../lib/process";
import { step } from "../lib/progress";

main("fuzz", async ({ arguments: names, options: { minutes = "10", seed } }) => {
  const unknown = names.find((name) => !boundaries().includes(name));
  if (unknown !== undefined) {
    throw new UserError(`There is no boundary "${unknown}". Choose from ${boundaries().join(", ")}.`);
  }
  const chosen = names.length > 0 ? names : boundaries();
  const { code, output } = await step(
    `Fuzz ${chosen.join(", ")} for ${minutes} minutes`,
    ({ at }) =>
      run(
        join(root, "node_modules", ".bin", "jest"),
        [
          ...chosen.map((name) => join(FUZZ_TESTS, `${name}.test.ts`)),
          "--selectProjects",
          "unit",
          `--maxWorkers=${chosen.length}`,
        ],
        {
          cwd: root,
          env: {
            ...process.env,
            VWT_FUZZ_MINUTES: minutes,
            ...(seed !== undefined && { VWT_FUZZ_SEED: seed }),
          },
          onLine: at,
        },
      ),
    (ended) => ended.code === 0,
  );
  console.log(code === 0 ? fuzzLines(output).join("\n") : output);
  return code;
});
