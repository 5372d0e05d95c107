import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../lib/paths";

/** Sections of pages that are made from code, by the name between `<!-- made: … -->` and `<!-- end -->`. */
export const SECTIONS: Readonly<Record<string, () => string>> = {
  /** The decisions with their titles. */
  decisions: () =>
    readdirSync(join(root, "docs", "decisions"))
      .sort()
      .map((file) => {
        const [heading = ""] = readFileSync(join(root, "docs", "decisions", file), "utf8").split("\n");
        const [, number, title] = /^# (\d+)\. (.+)$/.exec(heading) ?? [];
        if (title === undefined) throw new Error(`docs/decisions/${file} must begin with "# <number>. <title>"`);
        return `- [${number}: ${title}](decisions/${file})`;
      })
      .join("\n"),
};
