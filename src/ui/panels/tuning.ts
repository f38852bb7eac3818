/** What competes and how it is tuned, in plain words from the settings. */
import type { Config } from '../../experiment/config/config.ts';
import { isFamily } from '../../prior/prior.ts';

export function tuningWords(config: Config): string {
  const grid = config['grid.scales'].length;
  const heads = config['grid.headStrengths'].length;
  const each = grid * heads;
  const { arms, seeds } = config;
  const families = arms.filter(isFamily).length;
  const parts = [`${arms.length} arm${arms.length === 1 ? '' : 's'}, ${each} run${each === 1 ? '' : 's'} each on every seed: ${arms.length * each * seeds} in all.`];
  const tuned: string[] = [];
  if (families > 0) tuned.push(`priors try ${grid} scale${grid === 1 ? '' : 's'} λ`);
  if (families < arms.length) tuned.push(`arms without a prior try ${grid} learning rate${grid === 1 ? '' : 's'}`);
  const crossed = heads === 1 ? 'with one head strength κ' : `each with ${heads} head strengths κ`;
  const sentence = `${tuned.join('; ')}, ${crossed}; the lowest validation NLL wins.`;
  parts.push(sentence.charAt(0).toUpperCase() + sentence.slice(1));
  return parts.join(' ');
}
