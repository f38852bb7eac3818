/** Answers to a Find's questions make another Find: the same one for the same answers, so that what was read for it is found again. */
import type { Find } from './contract.ts';

const answered = new WeakMap<Find, Map<string, Promise<Find>>>();

/** Throws what reading under these answers throws. */
export function answeredBy(find: Find, answers: Record<string, string>): Promise<Find> {
  if (find.questions.length === 0 || Object.keys(answers).length === 0) return Promise.resolve(find);
  const known = answered.get(find) ?? new Map<string, Promise<Find>>();
  answered.set(find, known);
  const key = JSON.stringify(Object.entries(answers).sort());
  let other = known.get(key);
  if (!other) {
    other = find.answered(answers);
    known.set(key, other);
    other.catch(() => known.delete(key));
  }
  return other;
}
