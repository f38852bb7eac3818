/** Small values kept between visits in the browser's Cache storage, which workers have too; where there is none, nothing is kept. */

const NAME = 'priorscape values 1';

const addressOf = (key: string): string => `https://priorscape.invalid/${encodeURIComponent(key)}`;

/** The value kept under `key` if `valid` accepts it, else what `make` gives, which is then kept. */
export async function remembered<T>(key: string, valid: (value: unknown) => value is T, make: () => Promise<T>, storage: CacheStorage | undefined = globalThis.caches): Promise<T> {
  const cache = await storage?.open(NAME).catch(() => undefined);
  const kept: unknown = await cache?.match(addressOf(key)).then((found) => found?.json()).catch(() => undefined);
  if (valid(kept)) return kept;
  const value = await make();
  await remember(key, value, storage);
  return value;
}

/** Keeps a value in place of what was kept under `key`. */
export async function remember(key: string, value: unknown, storage: CacheStorage | undefined = globalThis.caches): Promise<void> {
  const cache = await storage?.open(NAME).catch(() => undefined);
  await cache?.put(addressOf(key), new Response(JSON.stringify(value))).catch(() => undefined);
}
