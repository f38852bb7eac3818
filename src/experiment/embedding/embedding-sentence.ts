/** One or two plain sentences on the embedding, from its numbers. */
import type { Embedding, Figures } from './embedding-result.ts';

const READ = { probe: 'a linear probe', knn: 'nearest neighbours' } as const;

export function embeddingSentence({ figures: { source, random }, difference, rows }: Omit<Embedding, 'sentence' | 'map'>): string {
  const read = (['probe', 'knn'] as const).filter((one) => source[one] !== null);
  const told = read.map((one) => `${READ[one]} name${one === 'probe' ? 's' : ''} ${percent(source[one])}${one === read[0] ? ` of ${rows.test} held-out examples` : ''} (random encoder ${percent(random[one])})`).join(', ');
  const lead = `From the source’s features ${told}${verdictOf(read, difference)}.`;
  const { viewAlignment: views, classAlignment: mates, spread } = source;
  const parts = [views && `two views of an image lie ${squared(views)} apart`, mates && `two examples of a class ${views ? '' : 'lie '}${squared(mates)}${views ? '' : ' apart'}`].filter((part) => part !== null);
  if (parts.length === 0) return lead;
  const other = [random.viewAlignment, random.classAlignment].filter((one) => one !== null).map(squared);
  return `${lead} On the unit sphere ${parts.join(' and ')} (squared), any two ${squared(spread)}; in the random encoder ${other.join(', ')} and ${squared(random.spread)}.`;
}

/** Where the source is no better than the random encoder; nothing where it is. */
function verdictOf(read: readonly ('probe' | 'knn')[], difference: Figures): string {
  const told = (words: string, of: (one: 'probe' | 'knn') => boolean) => {
    const found = read.filter(of).map((one) => READ[one]);
    return found.length === 0 ? '' : `; by ${found.join(' and ')} ${words}`;
  };
  const worse = (one: 'probe' | 'knn') => apart(difference[one]) && difference[one]!.mean < 0;
  return told('the two cannot be told apart', (one) => !apart(difference[one])) + told('it knows less than the random encoder', worse);
}

/** The interval excludes zero. */
function apart(one: Figures['probe']): boolean {
  return one?.ci95 != null && (one.ci95[0] > 0 || one.ci95[1] < 0);
}

const percent = (one: Figures['probe']) => (one ? `${(100 * one.mean).toFixed(1)}%` : '–');
const squared = (one: { mean: number }) => one.mean.toFixed(2);
