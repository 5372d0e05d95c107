import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findProviderMirror } from "../../../scripts/lib/terraform";

const scratch = mkdtempSync(join(tmpdir(), "vwt-mirror-"));
const previous = process.env.VWT_PROVIDER_MIRROR;
afterAll(() => {
  rmSync(scratch, { recursive: true, force: true });
  if (previous === undefined) delete process.env.VWT_PROVIDER_MIRROR;
  else process.env.VWT_PROVIDER_MIRROR = previous;
});

test("a folder with the layout of a mirror is one, another is not", () => {
  process.env.VWT_PROVIDER_MIRROR = scratch;
  expect(findProviderMirror()).not.toBe(scratch);
  mkdirSync(join(scratch, "registry.example", "hashicorp", "aws"), { recursive: true });
  expect(findProviderMirror()).toBe(scratch);
});
