import { check, runQueues } from "../lib/checks";
import { main } from "../lib/main";

main("check", () => runQueues([check]));
