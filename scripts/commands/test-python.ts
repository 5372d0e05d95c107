import { runPytest } from "../lib/checks";
import { main } from "../lib/main";

main("test:python", ({ arguments: args }) => runPytest(args));
