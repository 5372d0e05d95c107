import { endToEnd, quick, runQueues } from "../lib/checks";
import { conformanceLine, keptConformance } from "../lib/conformance";
import { main } from "../lib/main";
import { PRODUCTION_TEST_SYSTEM, TEST_SYSTEM } from "../lib/names";

/** The end-to-end tests mostly wait, so all others run beside them. */
main("test", () =>
  runQueues([quick, endToEnd], () => [
    conformanceLine([TEST_SYSTEM, PRODUCTION_TEST_SYSTEM].flatMap((name) => keptConformance(name))),
  ]),
);
