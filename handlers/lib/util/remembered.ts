/**
 * Remembers what an asynchronous function answered, by its argument, for so many milliseconds. What failed is asked
 * again; who asks while an answer is on its way gets that one.
 */
export function remembered<T>(
  ask: (of: string) => Promise<T>,
  forMs: number,
  now: () => number,
): (of: string) => Promise<T> {
  const answers = new Map<string, { readonly at: number; readonly answer: Promise<T> }>();
  return (of) => {
    const known = answers.get(of);
    if (known && now() - known.at < forMs) return known.answer;
    const answer = ask(of);
    answers.set(of, { at: now(), answer });
    answer.catch(() => answers.delete(of));
    return answer;
  };
}
