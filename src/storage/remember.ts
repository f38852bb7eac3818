/** Small values kept between visits in the browser's Cache storage, which workers have too; where there is none, nothing is kept. */

const NAME = 'priorscape values 1';

/** The value kept under `key` if `valid` accepts it, else what `make` gives, which is then kept. */
export async function remembered<T>(key: string, valid: (value: unknown) => value is T, make: () => Promise<T>, storage: CacheStorage | undefined = globalThis.caches): Promise<T> {
  const cache = await storage?.open(NAME).catch(() => undefined);
  const address = `https://priorscape.invalid/${encodeURIComponent(key)}`;
  const kept: unknown = await cache?.match(address).then((found) => found?.json()).catch(() => undefined);
  if (valid(kept)) return kept;
  const value = await make();
  await cache?.put(address, new Response(JSON.stringify(value))).catch(() => undefined);
  return value;
}
