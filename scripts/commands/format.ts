import { format } from "../lib/checks";
import { main } from "../lib/main";

main("format", format);
