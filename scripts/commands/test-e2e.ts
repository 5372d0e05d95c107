import { runJest } from "../lib/checks";
import { main } from "../lib/main";

main("test:e2e", ({ arguments: patterns, options: { keep } }) =>
  runJest(["e2e", "production"], patterns, ["--runInBand"], keep ? { VWT_KEEP_TEST_SYSTEM: "1" } : {}),
);
