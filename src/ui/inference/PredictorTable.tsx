/** What inference adds: a row an arm, a column a predictor, each with its paired difference to the arm's single MAP solution or ensemble. */
import { SegmentedControl, Select } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useId, useMemo, useState } from 'react';
import { FEWEST_SEEDS } from '../../core/statistics.ts';
import { type Inference, predictorName } from '../../experiment/inference/inference-result.ts';
import { isGaussian } from '../../experiment/inference/methods.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, halfWidth, settingText, signedFixed } from '../charts/format.ts';
import { ArmKey } from '../charts/marks.tsx';
import { InkKey } from '../surface/CurvePlot.tsx';
import { VerdictMark } from '../verdict/words.tsx';
import { CsvButton, Heading, Pick } from './choosers.tsx';
import '../charts/table.css';
import styles from './inference.module.css';
import type { Shown } from './Legend.tsx';
import { METHOD_LABEL, predictorLabel, predictorsOf } from './predictors.ts';
import { betterWhenLower, inTitle, isQuantity, QUANTITIES, quantitiesIn, type Quantity } from './quantities.ts';
import { type Cell, membersText, predictorCsv, predictorRows, type Rival, RIVALS, seedsOf } from './rows.ts';

/** Below this width the switch is a list. */
const NARROW = 720;

interface PredictorTableProps {
  inference: Inference;
  quantity: Quantity;
  onQuantity: (quantity: Quantity) => void;
  inks: Shown['inks'];
}

export function PredictorTable({ inference, quantity, onQuantity, inks }: PredictorTableProps) {
  const id = useId();
  const { ref, width } = useElementSize();
  const predictors = useMemo(() => predictorsOf(inference.predictions), [inference]);
  const [wanted, setRival] = useState<Rival>('single');
  const choice = (['ensemble', 'average'] as const).every((kind) => predictors.some((predictor) => predictor.kind === kind));
  const rival = choice ? wanted : 'single';
  const rows = useMemo(() => predictorRows(inference, quantity, rival), [inference, quantity, rival]);
  const seeds = useMemo(() => seedsOf(inference), [inference]);
  const { unit } = QUANTITIES[quantity];
  const title = `Test ${inTitle(quantity)} by predictor, over ${seeds} seed${seeds === 1 ? '' : 's'}`;
  return (
    <section ref={ref} aria-labelledby={id}>
      <Heading id={id} title={title}>
        {choice && <Pick quiet label="Differences to" value={rival} options={RIVALS} text={(one) => `Δ to ${RIVAL_WORDS[one]}`} onPick={setRival} />}
        <Switch narrow={width > 0 && width < NARROW} names={quantitiesIn(inference.predictions)} quantity={quantity} onQuantity={onQuantity} />
        <CsvButton label={title} name="predictors" rows={() => predictorCsv(inference)} />
      </Heading>
      <div className="number-scroll" tabIndex={0} role="region" aria-label="Predictors by arm">
        <table className={`number-table ${styles.table}`} aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col" className={styles.arm}>Arm</th>
              {predictors.map((predictor) => {
                const name = predictorName(predictor);
                const ink = inks.get(name);
                return (
                  <th key={name} scope="col">
                    <span className={styles.key}>{ink && <InkKey ink={ink} />}{predictorLabel(predictor)}</span>
                    <small>{predictor.kind === 'single' ? `${unit}, ${betterWhenLower(quantity) ? 'lower' : 'higher'} is better` : `${membersText(inference.predictions, predictor)}${predictor.kind === 'average' && isGaussian(inference.method) ? `, ${METHOD_LABEL[inference.method]}` : ''}`}</small>
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ arm, cells }) => (
              <tr key={arm} data-arm={arm}>
                <th scope="row" className={styles.arm}><span><ArmKey arm={arm} line={false} />{ARM_STYLE[arm].label}</span></th>
                {cells.map((cell) => <td key={predictorName(cell.predictor)}><CellText cell={cell} quantity={quantity} rival={predictors.length > 1 ? rival : null} /></td>)}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>
        {methodWords(inference)} Mean ± half the 95% t interval over seeds.
        {predictors.length > 1 && ` Δ: the difference to the arm’s ${RIVAL_WORDS[rival]}, taken seed by seed, ${betterWhenLower(quantity) ? 'below' : 'above'} 0 is better; verdicts hold for all differences of this metric together, to both rivals (Holm).${seeds < FEWEST_SEEDS ? ` Below ${FEWEST_SEEDS} seeds no verdict is given.` : ''}`}
        {quantity === 'scaledNll' && ' One temperature per predictor and seed is fitted to the validation NLL; ÷ says what it divides the logits by (median over seeds), above 1 where the predictor was too sure.'}
      </p>
    </section>
  );
}

const RIVAL_WORDS: Record<Rival, string> = { single: 'single MAP', ensemble: 'ensemble' };

/** What was run, in a sentence. */
function methodWords({ method, chains, steps }: Inference): string {
  const many = `${chains} chain${chains === 1 ? '' : 's'}`;
  switch (method) {
    case 'map': return 'MAP only.';
    case 'ensemble': return `An ensemble of ${chains} independent MAP solution${chains === 1 ? '' : 's'} for each arm and seed.`;
    case 'swag': return `SWAG: ${steps.toLocaleString('en-GB')} steps at a constant rate from each tuned solution, then draws of the Gaussian of its snapshots.`;
    case 'laplace': return 'Laplace: draws of a Gaussian around each tuned solution, its precision the diagonal of the Gauss–Newton matrix plus the prior’s.';
    case 'laplace-last-layer': return 'Laplace, last layer: the extractor stays as it was tuned, the head is drawn from a Gaussian with its whole covariance.';
    case 'sgld': case 'sghmc': case 'cyclical': return `${METHOD_LABEL[method]}: ${many} of ${steps.toLocaleString('en-GB')} steps for each arm, seed and temperature.`;
    default: throw new TypeError(`No words for ${method satisfies never}.`);
  }
}

function Switch({ narrow, names, quantity, onQuantity }: { narrow: boolean; names: readonly Quantity[]; quantity: Quantity; onQuantity: (quantity: Quantity) => void }) {
  const choose = (value: string | null) => {
    if (value !== null && isQuantity(value)) onQuantity(value);
  };
  const data = names.map((name) => ({ value: name, label: QUANTITIES[name].short }));
  if (narrow) return <Select size="xs" aria-label="Metric" allowDeselect={false} value={quantity} data={data} onChange={choose} style={{ flex: 1, maxWidth: 260 }} />;
  return <SegmentedControl size="xs" aria-label="Metric" value={quantity} data={data} onChange={choose} />;
}

function CellText({ cell: { predictor, summary, difference, lost, divisor }, quantity, rival }: { cell: Cell; quantity: Quantity; rival: Rival | null }) {
  if (!summary) return <div className={`${styles.center} ${styles.muted}`}>–</div>;
  const { digits, factor } = QUANTITIES[quantity];
  const half = halfWidth(summary);
  const apart = difference ? halfWidth(difference) : null;
  return (
    <div className={styles.cell}>
      <span>{fixed(factor * summary.mean, digits)}</span>
      <span className={styles.half}>{half === null ? '' : `± ${fixed(factor * half, digits)}`}</span>
      {difference && (
        <>
          <span className={styles.delta}><span className={styles.muted}>Δ </span>{signedFixed(factor * difference.mean, digits)}</span>
          <span className={`${styles.half} ${styles.delta}`}>{apart === null ? '' : `± ${fixed(factor * apart, digits)}`}</span>
          <span className={styles.whole}><VerdictMark verdict={difference.verdict} /></span>
        </>
      )}
      {!difference && predictor.kind === rival && <span className={`${styles.whole} ${styles.muted}`}>reference</span>}
      {!difference && rival && predictor.kind !== 'single' && predictor.kind !== rival && <span className={`${styles.whole} ${styles.muted}`}>no {RIVAL_WORDS[rival]} to compare with</span>}
      {quantity === 'scaledNll' && Number.isFinite(divisor) && <span className={`${styles.whole} ${styles.muted}`}>logits ÷ {settingText(divisor)}</span>}
      {lost > 0 && <span className={`${styles.whole} ${styles.muted}`}>{lost} seed{lost === 1 ? '' : 's'} lost</span>}
    </div>
  );
}
