/** The priors that come with the lab are what their list says: whole files of this format, by settings that still are settings. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../src/data/hash.ts';
import { parseConfig } from '../src/experiment/config/config.ts';
import { decodePrior, tensorsHash } from '../src/prior/file.ts';
import { parseShelf, SHELF } from '../src/prior/shelf.ts';

const folder = fileURLToPath(new URL(`../public/${SHELF}`, import.meta.url));
const shelved = parseShelf(readFileSync(join(folder, 'index.json'), 'utf8'));

describe('the shelf of ready-made priors', () => {
  it('lists every file there is, once', () => {
    expect(readdirSync(folder).filter((name) => name !== 'index.json').sort()).toEqual(shelved.map(({ id }) => `${id}.safetensors`).sort());
  });

  it.each(shelved)('$id', async ({ id, bytes, sha256, tensors, config }) => {
    const file = new Uint8Array(readFileSync(join(folder, `${id}.safetensors`)));
    expect(file.length).toBe(bytes);
    expect(await sha256Hex(file)).toBe(sha256);
    expect(await tensorsHash(file)).toBe(tensors);
    const { architecture, gaussian, provenance } = await decodePrior(file);
    const made = parseConfig(config).config;
    expect(architecture.name).toBe(made['model.architecture']);
    expect(architecture.widths).toEqual(made['model.widths']);
    expect(gaussian.rank).toBe(made['posterior.rank']);
    expect(provenance.sourceAccuracy).toBeGreaterThan(0.6);
  });

  it('a list that is none is refused', () => {
    expect(() => parseShelf('[{"id": "A"}]')).toThrow(/faulty at “0\.id”/);
    expect(() => parseShelf('<html>')).toThrow(/not JSON/);
  });
});
