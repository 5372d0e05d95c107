import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { root } from "../lib/paths";

/** The contract's source, beside which what is compiled of it stands. */
const SOURCE = "InterventionRegistry.sol";

/** Written for chains without the instructions of the last years too, and for many calls of one deployment. */
const SETTINGS = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 10_000 },
  outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
};

const output = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
  contracts: z
    .record(
      z.string(),
      z.object({
        InterventionRegistry: z.object({
          abi: z.array(z.unknown()),
          evm: z.object({ bytecode: z.object({ object: z.string().min(1) }) }),
        }),
      }),
    )
    .default({}),
});

/** Compiles the contract to a module with its ABI and the code that deploys it. Throws what the compiler says of it. */
export function compiledRegistry(): string {
  // It is ten megabytes of WebAssembly, which no other page needs.
  const { compile } = require("solc") as { compile: (input: string) => string };
  const content = readFileSync(join(root, "chain", SOURCE), "utf8");
  const input = { language: "Solidity", sources: { [SOURCE]: { content } }, settings: SETTINGS };
  const { errors, contracts } = output.parse(JSON.parse(compile(JSON.stringify(input))));
  const compiled = contracts[SOURCE]?.InterventionRegistry;
  // Warnings too, because nobody can mend a contract that is deployed.
  if (!compiled || errors.length > 0) {
    throw new Error(errors.map(({ formattedMessage }) => formattedMessage).join("\n"));
  }
  return [
    `// Made from ${SOURCE} by npm run docs.`,
    "",
    `export const REGISTRY_ABI = ${JSON.stringify(compiled.abi)} as const;`,
    "",
    `export const REGISTRY_CODE = "0x${compiled.evm.bytecode.object}";`,
    "",
  ].join("\n");
}
