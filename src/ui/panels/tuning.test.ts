import { expect, it } from 'vitest';
import { parseConfig } from '../../experiment/config/config.ts';
import { tuningWords } from './tuning.ts';

it('says how many runs there are and what each arm tries', () => {
  const words = (input: object) => tuningWords(parseConfig(input).config);
  expect(words({})).toBe('8 arms, 10 runs each on every seed: 400 in all. Priors try 5 scales λ; arms without a prior try 5 learning rates, each with 2 head strengths κ; the lowest validation NLL wins.');
  expect(words({ preset: 'quick', arms: ['none'] })).toBe('1 arm, 3 runs each on every seed: 15 in all. Arms without a prior try 3 learning rates, with one head strength κ; the lowest validation NLL wins.');
});
