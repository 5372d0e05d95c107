import { endToEnd, quick, runQueues } from "../lib/checks";
import { conformanceLine, keptConformance } from "../lib/conformance";
import { main } from "../lib/main";
import { TEST_SYSTEM } from "../lib/names";

/** The end-to-end tests mostly wait, so all others run beside them. */
main("test", () => runQueues([quick, endToEnd], () => [conformanceLine(keptConformance(TEST_SYSTEM))]));
