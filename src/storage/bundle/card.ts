/**
 * The model card of a prior: a README.md whose front matter follows the Hugging Face Hub's metadata (github.com/huggingface/hub-docs, modelcard.md), so that a
 * bundle can be pushed there as it is: licence, library, tags, data sets of the Hub, and the results as a model index with their intervals. Below it, in words:
 * what the prior is, where it comes from, what it did in the lab, and how to load it. Nothing is said that was not computed or read from a file.
 */
import { KNOWN } from '../../data/hub/known.ts';
import { type Config, differences, isOfSource, nested } from '../../experiment/config/config.ts';
import type { PresetName } from '../../experiment/config/presets.ts';
import type { SettingKey } from '../../experiment/config/settings.ts';
import type { Metric, Result } from '../../experiment/result.ts';
import { ALL_METRICS } from '../../measure/metrics.ts';
import { parameterTable } from '../../model/build.ts';
import type { Posterior } from '../../posterior/posterior.ts';
import { summarise } from '../../posterior/summary.ts';
import { cardLicence, LICENCE_FILE } from './licence.ts';

export interface CardInput {
  posterior: Posterior;
  config: Config;
  preset: PresetName;
  /** Of a finished run under this prior; null before one. */
  result: Result | null;
  /** Names of the files beside it. */
  files: readonly string[];
}

type Yaml = string | number | boolean | readonly Yaml[] | { readonly [key: string]: Yaml };

/** YAML of plain values; every text is quoted as in JSON, which YAML 1.2 contains. */
function yaml(value: Yaml, indent = ''): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) {
    const list = value as readonly Yaml[]; // isArray does not narrow readonly arrays
    return list.map((item) => `\n${indent}- ${yaml(item, `${indent}  `).trimStart()}`).join('');
  }
  return Object.entries(value).map(([key, inner]) => `\n${indent}${key}:${typeof inner === 'object' ? '' : ' '}${yaml(inner, `${indent}  `)}`).join('');
}

const TITLES: Record<Metric, string> = { meanIoU: 'Mean IoU', accuracy: 'Accuracy', nll: 'NLL (nats)', ece: 'ECE (15 bins)', brier: 'Brier score (sum over classes)' };

/** The data set's address on the Hub, where name and licence are those of a set that is known to be there. */
function onHub({ dataset, licence }: { dataset: string; licence: string }): string | null {
  return KNOWN.find((one) => one.name === dataset && one.licence === licence)?.address.id ?? null;
}

function metadata({ posterior: { provenance }, config, result }: CardInput): Yaml {
  const hub = onHub(provenance);
  return {
    ...cardLicence(provenance.licence),
    library_name: 'pytorch',
    pipeline_tag: 'image-classification',
    tags: ['priorscape', 'informative-prior', 'bayesian-deep-learning', 'transfer-learning', 'swag', 'safetensors'],
    ...(hub === null ? {} : { datasets: [hub] }),
    metrics: ['accuracy'],
    ...(result ? { 'model-index': [{ name: config.name, results: resultsOf(result) }] } : {}),
  };
}

/** An entry an arm; the interval stands in the metric's name, which is what the Hub shows. Metrics that do not exist are left out. */
function resultsOf({ summaries, segmentation, downstream: { dataset, n }, config }: Result): Yaml[] {
  const arms = [...new Set(summaries.map(({ arm }) => arm))];
  return arms.flatMap((arm) => {
    const metrics = metricsOf(summaries).flatMap((metric) => summaries.filter((one) => one.arm === arm && one.metric === metric && Number.isFinite(one.mean)).map(({ mean, ci95, seeds }) => ({
      type: metric, value: figure(mean),
      name: `${TITLES[metric]}, mean over ${seeds} ${seeds === 1 ? 'seed' : 'seeds'}${ci95 ? `, 95% t interval ${figure(ci95[0])} to ${figure(ci95[1])}` : ''}`,
    })));
    return metrics.length === 0 ? [] : [{
      task: { type: segmentation ? 'image-segmentation' : 'image-classification', name: `Fine-tuning on ${n} examples, arm ${arm}` },
      dataset: { type: config['downstream.data'], name: dataset, split: 'test' },
      metrics,
    }];
  });
}

/** Those that a run has: of pixels there are others. */
function metricsOf(summaries: Result['summaries']): readonly Metric[] {
  return ALL_METRICS.filter((metric) => summaries.some((one) => one.metric === metric));
}

const figure = (x: number): number => Number(x.toPrecision(4));

/** The whole README.md. */
export function modelCard(input: CardInput): string {
  const { posterior, config, preset, result, files } = input;
  const { architecture, normalisation, provenance } = posterior;
  const { height, width, channels } = architecture.input;
  const summary = summarise(posterior, parameterTable(architecture).entries);
  const measured = (x: number | null) => (x === null ? 'unknown' : String(figure(x)));
  const paragraphs = [
    `---${yaml(metadata(input))}\n---`,
    `# ${inline(config.name)}`,
    `A Gaussian over the weights of a neural network's feature extractor, learned on a source task: an informative prior to fine-tune under, in the place of pre-trained weights alone `
    + `([Pre-Train Your Loss](https://arxiv.org/abs/2205.10279)). Made with Priorscape.`,
    table(['', ''], [
      ['Network', `${architecture.name}, widths ${architecture.widths.join('-') || 'none'}${architecture.stem === 2 ? ', stem of stride 2' : ''}; ${summary.params} weights under the prior`],
      ['Input', `${height} × ${width} × ${channels}, pixels in 0…1 seen as (pixel − ${figure(normalisation.mean)}) / ${figure(normalisation.std)}`],
      ['Covariance', `diagonal + rank ${summary.rank}, from ${summary.snapshots} snapshots (${summary.method === 'swag' ? 'SWAG' : 'diagonal Fisher'}); mean variance ${figure(summary.meanVariance)}`],
      ['Source', `${inline(provenance.dataset)}, ${provenance.classNames.length} classes, ${provenance.method}, seed ${provenance.seed}`],
      ['Source test', `accuracy ${measured(provenance.sourceAccuracy)}, NLL ${measured(provenance.sourceNll)}`],
      ['Licence of the source data', inline(provenance.licence) || 'not stated'],
      ['Created', provenance.created],
    ]),
    '## Load it',
    fenced('python', [
      'from priorscape import Prior, ProximalSGD', '', 'prior = Prior.load("prior.safetensors").scaled(300)   # tune the scale: try 3 to 3000',
      'model = prior.network(classes=10)                        # starts at the mean, with a new head',
      'optimiser = ProximalSGD(model, prior, n=len(train), lr=0.1, head_strength=10)',
      '# loss = cross_entropy(model(prior.normalise(pixels)), labels); pixels [B, C, H, W] in 0..1',
    ]),
    '`prior.prior_loss(model, n)` is the same prior as a term of the loss for any other optimiser; `prior.log_prob`, `prior.sample`, `prior.family("l2-sp")` and the rest are documented in `priorscape.py`. '
    + 'Without a scale the prior is the source posterior itself, which is far too tight for another task.',
    ...(result ? ['## What it did', resultTable(result), ...Object.entries(result.sentences).filter(([stage]) => stage === 'downstream' || stage === 'verdict').map(([, text]) => inline(text))] : []),
    '## Limits',
    'Results above come from one source posterior: their intervals are over downstream splits and starts, not over learning the source again. A prior helps where the downstream task is like the '
    + 'source; compare it with plain fine-tuning and with L2-SP, tuned alike, before relying on it.',
    '## Files',
    files.map((name) => `- \`${name}\`: ${FILE_WORDS[name] ?? 'data'}`).join('\n'),
    '## Settings',
    `The preset \`${preset}\` with`,
    fenced('json', [JSON.stringify(nested(ownOf(differences(config, preset))), null, 2)]),
    'Source training, as the prior file tells it:',
    table(['setting', 'value'], Object.entries(provenance.training).map(([name, value]) => [inline(name), inline(String(value))])),
  ];
  return `${paragraphs.filter((text) => text !== '').join('\n\n')}\n`;
}

/** What the source was learned with is told by the prior file, which may come from elsewhere. */
function ownOf(settings: ReturnType<typeof differences>): ReturnType<typeof differences> {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => !isOfSource(key as SettingKey)));
}

const FILE_WORDS: Record<string, string> = {
  'prior.safetensors': 'mean, variances, covariance factor and source head',
  'shift-trajectory.safetensors': 'the prior of the arm shift-trajectory, at λ = 1',
  'priorscape.py': 'network, prior and optimiser in PyTorch',
  'compare.py': 'the downstream comparison once more in PyTorch, on one machine or a Ray cluster',
  'config.json': 'the experiment, for `npm run lab` and `compare.py`',
  'result.json': 'what the lab measured',
  'downstream.safetensors': 'downstream images, labels and the splits of every seed',
  [LICENCE_FILE]: 'what the source data state',
};

function resultTable({ summaries, downstream: { dataset, n, seeds } }: Result): string {
  const arms = [...new Set(summaries.map(({ arm }) => arm))];
  const metrics = metricsOf(summaries);
  const rows = arms.map((arm) => [arm, ...metrics.map((metric) => {
    const one = summaries.find((summary) => summary.arm === arm && summary.metric === metric);
    if (!one || !Number.isFinite(one.mean)) return '–';
    return one.ci95 ? `${figure(one.mean)} ± ${figure((one.ci95[1] - one.ci95[0]) / 2)}` : String(figure(one.mean));
  })]);
  return `Fine-tuned on ${n} examples of ${inline(dataset)}; test, mean ± half the 95% t interval over ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}.\n\n${table(['arm', ...metrics.map((metric) => TITLES[metric])], rows)}`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A name from elsewhere in Markdown: on one line, and no markup of its own. */
function inline(text: string): string {
  return text.replace(/\s+/g, ' ').trim().replace(/[\\`*_[\]<>|#]/g, '\\$&');
}

function fenced(language: string, lines: readonly string[]): string {
  return ['```' + language, ...lines, '```'].join('\n');
}
