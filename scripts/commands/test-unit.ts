import { runJest } from "../lib/checks";
import { main } from "../lib/main";

main("test:unit", ({ arguments: patterns }) => runJest(["unit"], patterns));
