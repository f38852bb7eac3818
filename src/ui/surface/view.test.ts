import { describe, expect, it } from 'vitest';
import { OPENING_CHOICE, readView, settingOf, type SurfaceChoice, TUNED, writeView } from './view.ts';

describe('what the surface panel shows, as text', () => {
  it('says only what was chosen, and comes back the same', () => {
    expect(writeView(OPENING_CHOICE)).toBeNull();
    const choice: SurfaceChoice = {
      ...OPENING_CHOICE, plane: { kind: 'directions', centre: 'none', directions: [{ kind: 'covariance', index: 0 }, { kind: 'random', draw: 3 }] }, seed: 2, resolution: 101,
      compare: 'quantities', quantities: ['difference', 'energy'], temperature: 0.1, setting: { factor: 0.01, floor: 1e-4, rank: 4 }, line: { kind: 'between', from: 'pre-trained', to: 'none' },
    };
    const text = writeView(choice)!;
    expect(Object.keys(JSON.parse(text) as object)).not.toContain('solid');
    expect(readView(text)).toEqual(choice);
    expect(readView('{}')).toEqual(OPENING_CHOICE);
  });

  it('is refused whole when a part does not fit', () => {
    for (const bad of ['', '[]', '{"plane":{"kind":"points"}}', '{"resolution":1000}', '{"quantities":[]}', '{"unknown":1}', '{"setting":{"factor":0,"floor":0,"rank":null}}']) expect(readView(bad)).toBeNull();
  });

  it('takes ε from the run unless it was moved', () => {
    expect(settingOf(TUNED, 0.1)).toEqual({ factor: 1, floor: 0.1, rank: null });
    expect(settingOf({ ...TUNED, floor: 0 }, 0.1).floor).toBe(0);
  });
});
