/** A visitor's choices about the page itself, in local storage; where there is none they last for the visit. */

const PREFIX = 'priorscape ';
const visit = new Map<string, string>();

export function lookUp(key: string): string | null {
  try {
    return globalThis.localStorage?.getItem(PREFIX + key) ?? visit.get(key) ?? null;
  } catch {
    return visit.get(key) ?? null;
  }
}

export function note(key: string, value: string): void {
  visit.set(key, value);
  try {
    globalThis.localStorage?.setItem(PREFIX + key, value);
  } catch {
    // Full or forbidden: the choice lasts until the page is closed.
  }
}
