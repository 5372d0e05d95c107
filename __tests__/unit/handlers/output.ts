/** Catches what a handler writes to its log, so that tests can read it and terminals stay quiet. */
export function catchOutput(): {
  readonly text: () => string;
  readonly metrics: () => Record<string, unknown>[];
  readonly forget: () => void;
} {
  let text = "";
  beforeEach(() => {
    text = "";
    for (const stream of [process.stdout, process.stderr]) {
      jest.spyOn(stream, "write").mockImplementation((chunk) => {
        text += chunk;
        return true;
      });
    }
  });
  afterEach(() => jest.restoreAllMocks());
  const lines = () => text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
  const forget = () => {
    text = "";
  };
  return { text: () => text, metrics: () => lines().filter((line) => "_aws" in line), forget };
}
