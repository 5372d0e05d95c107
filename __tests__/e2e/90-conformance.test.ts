import { conformanceLine, conformanceOf, keptConformance } from "../../scripts/lib/conformance";
import { TEST_SYSTEM } from "../../scripts/lib/names";
import { testOfAllFiles } from "./setup/all-files";
import { testSystem } from "./setup/system";

testOfAllFiles("AWS's service models allow every request of the files before this one", async () => {
  const { emulator } = await testSystem();
  const reports = [...keptConformance(TEST_SYSTEM), await conformanceOf(emulator)];
  const violations = reports.flatMap((report) => report.violations);
  expect([violations, reports.map(({ unread }) => unread)]).toEqual([[], reports.map(() => ({}))]);
  expect(conformanceLine(reports)).toMatch(/^\d{4,} requests of \d+ operations of \d+ services checked/);
});
