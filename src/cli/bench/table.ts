/** The report as tables, for a terminal or as Markdown. */
import type { Summary } from './figures.ts';
import type { Report, Row } from './report.ts';

export interface Table {
  title: string;
  head: string[];
  /** The first column is text, the others are figures. */
  rows: string[][];
}

export function tablesOf(report: Report): Table[] {
  const { rows, ratioSpreads, roofline, kernels, surface, growth, targets } = report;
  const spread = (kind: keyof Report['ratioSpreads'], chains: number): string => {
    const ratio = ratioSpreads[kind][String(chains)];
    return ratio ? `${figure(ratio.median)} (${figure(ratio.min)}–${figure(ratio.max)})` : '';
  };
  const tables: Table[] = [{
    title: 'A training step of ConvNet-S at batch 32, milliseconds a chain-step: median (least–most), rounds, dispatches a step of all chains, MB a chain',
    head: ['', 'parameters', 'ms a chain-step', 'n', 'dispatches', 'MB a chain'],
    rows: rows.map((row) => [labelOf(row), String(row.parameters), spreadOf(row.ms), String(row.ms.samples), orNone(row.dispatches, String), orNone(row.bytesPerChain, (bytes) => figure(bytes / 2 ** 20))]),
  }];
  const fused = rows.filter(({ kind, task, rank, widths }) => kind === 'fused' && task === null && rank === null && widths.join() === '16,32,64');
  tables.push({
    title: 'Times faster than each rival at its fastest, ratio of the same round: median (least–most)',
    head: ['fused with', 'stock TensorFlow.js', 'autodiff engine', 'jax-js', 'wasm engine'],
    rows: fused.map(({ chains }) => [`${chains} chain${chains === 1 ? '' : 's'}`, spread('stockTfjs', chains), spread('tfjsEngine', chains), spread('jaxJs', chains), spread('wasm', chains)]),
  });
  for (const [title, ratios] of [
    ['A step of the segmentation network of ConvNet-S, times faster than stock TensorFlow.js (whose convolutions are not dilated)', report.segmentation],
    ['A step of SimCLR, times faster than stock TensorFlow.js (whose views lie ready)', report.simclr],
  ] as const) {
    const steps = Object.entries(ratios);
    if (steps.length === 0) continue;
    tables.push({
      title: `${title}, ratio of the same round: median (least–most)`,
      head: ['fused with', 'stock TensorFlow.js'],
      rows: steps.map(([chains, { median, min, max }]) => [`${chains} chain${chains === '1' ? '' : 's'}`, `${figure(median)} (${figure(min)}–${figure(max)})`]),
    });
  }
  const colour = rows.filter(({ kind, task }) => kind === 'fused' && task === 'resnet-8');
  if (colour.length > 0) {
    const told = (rival: keyof Report['resnet'], chains: number): string => {
      const ratio = report.resnet[rival][String(chains)];
      return ratio ? spreadOf(ratio) : '';
    };
    tables.push({
      title: 'A step of ResNet-8 of widths 8-16-32 on colour images of 32×32, times faster than each rival, ratio of the same round: median (least–most)',
      head: ['fused with', 'TensorFlow.js operations', 'jax-js'],
      rows: colour.map(({ chains }) => [`${chains} chain${chains === 1 ? '' : 's'}`, told('stockTfjs', chains), told('jaxJs', chains)]),
    });
  }
  if (roofline) {
    tables.push({
      title: 'The roof: best of all samples',
      head: ['', 'GFLOP/s', 'GB/s'],
      rows: [
        ...roofline.products.map(({ variant, size, gflops }) => [`product ${size}³, ${variant}`, figure(gflops), '']),
        ...roofline.copies.map(({ variant, gigabytesPerSecond }) => [`copy, ${variant}`, '', figure(gigabytesPerSecond)]),
      ],
    });
  }
  if (kernels.length > 0) {
    tables.push({
      title: `Each dispatch of a step with a rank-20 prior against the roof${report.rooflineFraction === null ? '' : `; the whole step reaches ${percent(report.rooflineFraction)}`}`,
      head: ['', 'MFLOP', 'MB', 'ms', 'GFLOP/s', 'share of the step', 'of the roof'],
      rows: kernels.map(({ name, flops, bytes, ms, gflops, share, fraction }) => [name, figure(flops / 1e6), figure(bytes / 1e6), spreadOf(ms), figure(gflops), percent(share), percent(fraction)]),
    });
  }
  tables.push({
    title: 'JavaScript of a fused step, milliseconds: encoding, uploads and the inverses of the prior, without waiting',
    head: ['', 'ms a step'],
    rows: report.encoding.map(({ rank, steps, ms }) => [`1 chain, ${rank === null ? 'no prior' : rank === 0 ? 'diagonal prior' : `prior of rank ${rank}`}, ${steps} steps at a time`, spreadOf(ms)]),
  });
  tables.push({
    title: 'Growth of a chain-step',
    head: ['', 'times'],
    rows: [
      ['64 chains over 4', orNone(report.chains64Over4, figure)],
      ...Object.entries(growth.rank).map(([rank, times]) => [`rank ${rank} over a diagonal prior`, figure(times)]),
      ...Object.entries(growth.parameters).map(([widths, times]) => [`widths ${widths} over 16-32-64`, figure(times)]),
    ],
  });
  tables.push({
    title: 'Loss surface: grid points a second on 512 images, and four maps of 101×101 at another λ',
    head: ['', ''],
    rows: [
      [`the lab here starts with ${surface.engine ?? 'nothing'}`, orNone(surface.gridPointsPerSecond, (n) => `${figure(n)} /s`)],
      ['fused', orNone(surface.fused, (n) => `${figure(n)} /s`)], ['wasm', orNone(surface.wasm, (n) => `${figure(n)} /s`)],
      ['a frame while λ is dragged', orNone(surface.redrawMs, (ms) => `${figure(ms)} ms`)],
    ],
  });
  tables.push({
    title: 'Targets, set for the software adapter',
    head: ['', 'target', 'measured', 'met'],
    rows: targets.map(({ what, target, value, met }) => [what, target, orNone(value, figure), met === null ? 'not measured' : met ? 'yes' : 'no']),
  });
  if (report.missing.length > 0) tables.push({ title: 'Not measured', head: ['', 'why'], rows: report.missing.map(({ what, why }) => [what, why]) });
  return tables;
}

/** Where, when and with what, in one line. */
export function captionOf({ adapter, software, host, date, versions, quick }: Report): string {
  const with_ = Object.entries(versions).map(([name, version]) => `${name} ${version}`).join(', ');
  return `${adapter ?? 'no adapter'}${software ? ' (software)' : ''}, ${host === 'node' ? 'Node with Dawn' : 'Chromium'}, ${date.slice(0, 10)}, ${quick ? 'quick' : 'full'}; ${with_}.`;
}

export function asText(table: Table): string {
  const lines = [table.head, ...table.rows];
  const widths = table.head.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)));
  return [table.title, ...lines.map((line) => `  ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ')}`.trimEnd())].join('\n');
}

export function asMarkdown(table: Table): string {
  const line = (cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [`${table.title}:`, '', line(table.head), line(table.head.map((_, i) => (i === 0 ? '---' : '---:'))), ...table.rows.map(line)].join('\n');
}

const NAMES = { fused: 'fused', stock: 'stock TensorFlow.js', tfjs: 'autodiff engine (TensorFlow.js)', jax: 'jax-js', wasm: 'wasm engine' } as const;

const TASKS = { pixels: 'segmentation', simclr: 'SimCLR', 'resnet-8': 'ResNet-8' } as const satisfies Record<NonNullable<Row['task']>, string>;

function labelOf({ kind, task, chains, widths, rank, workers, note }: Row): string {
  return [
    NAMES[kind], `${chains} chain${chains === 1 ? '' : 's'}`, ...(kind === 'wasm' ? [`${workers} worker${workers === 1 ? '' : 's'}`] : []),
    ...(widths.join() === '16,32,64' ? [] : [widths.join('-')]), ...(task ? [TASKS[task]] : []), ...(rank === null ? [] : [rank === 0 ? 'diagonal prior' : `prior of rank ${rank}`]), ...(kind === 'jax' && note ? [note] : []),
  ].join(', ');
}

/** Three significant digits, without an exponent, with a true minus. */
export function figure(x: number): string {
  if (!Number.isFinite(x)) return String(x);
  const digits = x === 0 ? 0 : Math.max(0, Math.min(6, 2 - Math.floor(Math.log10(Math.abs(x)))));
  return x.toFixed(digits).replace('-', '−');
}

const percent = (share: number): string => `${figure(100 * share)}%`;
const spreadOf = ({ median, min, max }: Summary): string => `${figure(median)} (${figure(min)}–${figure(max)})`;
const orNone = (value: number | null, format: (value: number) => string): string => (value === null ? '' : format(value));
