/**
 * Runs something without stack traces; when it fails, runs it once more with them, so that its error says where. CDKTF
 * takes a trace of unbounded length for every token, which is a ninth of a synth's time and serves errors alone.
 */
export function withoutStackTraces<T>(run: () => T): T {
  const limit = Object.getOwnPropertyDescriptor(Error, "stackTraceLimit") as PropertyDescriptor;
  // CDKTF sets the limit, so a plain value would not last.
  Object.defineProperty(Error, "stackTraceLimit", { configurable: true, get: () => 0, set: () => {} });
  try {
    return run();
  } catch {
    // The second run tells.
  } finally {
    Object.defineProperty(Error, "stackTraceLimit", limit);
  }
  return run();
}
