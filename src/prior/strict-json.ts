/**
 * JSON from a stranger. JSON.parse decides what is JSON; a scan of the same text then rejects what JSON.parse lets pass:
 * duplicate keys (it keeps the last), the key `__proto__`, and nesting deeper than the format has use for.
 */
export type JsonFault = { problem: 'syntax' } | { problem: 'duplicate'; key: string } | { problem: 'proto' } | { problem: 'depth' };
export type JsonOutcome = { value: unknown } | JsonFault;

/** Parses `text`; brackets may nest `depth` deep ({"a": [1]} is 2 deep). Never throws. */
export function parseStrictJson(text: string, depth: number): JsonOutcome {
  // Nesting first: a megabyte of '[' is not handed to the parser.
  const nested = scan(text, depth, false);
  if (nested !== null) return nested;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: 'syntax' };
  }
  return scan(text, depth, true) ?? { value };
}

/** Walks the tokens. With `keys` the text is known to be JSON, and the keys of every object are checked. */
function scan(text: string, depth: number, keys: boolean): JsonFault | null {
  /** Keys seen in each open object; null for an open array. */
  const open: (Set<string> | null)[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '{' || character === '[') {
      if (open.length === depth) return { problem: 'depth' };
      open.push(character === '{' ? new Set() : null);
      expectKey = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      expectKey = false;
    } else if (character === ',') {
      expectKey = open.at(-1) instanceof Set;
    } else if (character === '"') {
      const start = i;
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
      const seen = open.at(-1);
      if (keys && expectKey && seen) {
        const key = String(JSON.parse(text.slice(start, i + 1)));
        if (key === '__proto__') return { problem: 'proto' };
        if (seen.has(key)) return { problem: 'duplicate', key };
        seen.add(key);
      }
      expectKey = false;
    }
  }
  return null;
}
