/** One sentence on what networks drawn from the priors say, from the numbers of one λ. */
import type { Belief, Reads } from './beliefs-result.ts';
import { ARM_WORDS, listed } from '../sentences.ts';

/** Draws that name no more than chance would of so many images, give or take two standard errors, at the low end of their interval. */
function guesses({ accuracy }: Belief, classes: number, images: number): boolean {
  const chance = 1 / classes;
  return !((accuracy.ci95?.[0] ?? accuracy.mean) > chance + 2 * Math.sqrt((chance * (1 - chance)) / images));
}

/** `thing`: what is answered, in the plural. */
export function beliefSentence(reads: Reads, table: readonly Belief[], { classes, images, thing }: { classes: number; images: number; thing: 'images' | 'points' }): string {
  const sound = table.filter(({ draws }) => draws > 0);
  const [first] = sound;
  if (!first) return 'No network drawn at this λ has finite answers; choose a smaller λ.';
  const lambda = `λ = ${first.scale}`;
  const named = (list: readonly Belief[]) => listed(list.map(({ family }) => ARM_WORDS[family]));
  if (reads === 'source') {
    const reading = sound.filter((one) => !guesses(one, classes, images)).sort((a, b) => b.accuracy.mean - a.accuracy.mean);
    const guessing = sound.filter((one) => guesses(one, classes, images));
    const [best] = reading;
    const worst = reading.at(-1);
    if (!best || !worst) return `At ${lambda} networks drawn from every prior guess: such a λ leaves nothing of what the source learned.`;
    const rest = worst !== best ? `, from ${ARM_WORDS[worst.family]} ${share(worst.accuracy.mean)}` : '';
    const lost = guessing.length > 0 ? `; from ${named(guessing)} they guess` : '';
    return `At ${lambda} networks drawn from ${ARM_WORDS[best.family]} still name ${share(best.accuracy.mean)} of the source’s ${thing} correctly${rest}${lost}.`;
  }
  const sorted = [...sound].filter(({ agreement }) => Number.isFinite(agreement.mean)).sort((a, b) => b.entropy.mean - a.entropy.mean);
  const [open] = sorted;
  const closed = sorted.at(-1);
  if (!open || !closed) return `At ${lambda} one network of each prior was drawn, which can agree with nobody; draw more.`;
  return `At ${lambda}, with heads drawn at random no prior can name a class but by chance; its mean prediction is most open under ${ARM_WORDS[open.family]} (${share(open.entropy.mean)} of the largest entropy) and least under ${ARM_WORDS[closed.family]} (${share(closed.entropy.mean)}).`;
}

function share(value: number): string {
  return `${(100 * value).toFixed(value > 0.995 || value < 0.1 ? 1 : 0)}%`;
}
