import { runJest } from "../lib/checks";
import { main } from "../lib/main";

main("test:synth", ({ arguments: patterns }) => runJest(["synth"], patterns));
