/** What Bayesian inference adds under each prior, in the order of doubt: is it better, with how many networks, how sure, does it hold up, what does the evidence say, and did it sample. */
import { memo, useCallback, useId, useMemo, useState } from 'react';
import { type Inference, predictorName } from '../../experiment/inference/inference-result.ts';
import type { Family } from '../../prior/prior.ts';
import { ChainTable } from './ChainTable.tsx';
import { armText, Heading, Pick } from './choosers.tsx';
import { EvidenceTable } from './EvidenceTable.tsx';
import styles from './inference.module.css';
import type { Shown } from './Legend.tsx';
import { MembersFigure } from './MembersFigure.tsx';
import { armsOf, openingArm, predictorInks, predictorsOf } from './predictors.ts';
import { PredictorTable } from './PredictorTable.tsx';
import type { Quantity } from './quantities.ts';
import { ReliabilityFigure } from './ReliabilityFigure.tsx';
import { RiskFigure } from './RiskFigure.tsx';
import { RobustnessView } from './RobustnessView.tsx';
import { SamplerCheckView } from './SamplerCheckView.tsx';
import { TraceFigure } from './TraceFigure.tsx';

export const InferenceView = memo(function InferenceView({ inference }: { inference: Inference }) {
  const [quantity, setQuantity] = useState<Quantity>('nll');
  const [hidden, setHidden] = useState<ReadonlySet<string>>(NONE);
  const inks = useMemo(() => predictorInks(predictorsOf(inference.predictions)), [inference]);
  const toggle = useCallback((name: string) => setHidden((names) => new Set(names.has(name) ? [...names].filter((one) => one !== name) : [...names, name])), []);
  const shown = useMemo((): Shown => ({ inks, hidden, onToggle: toggle }), [inks, hidden, toggle]);
  const averages = inference.predictions.some(({ predictor }) => predictor.kind !== 'single');
  const { robustness } = inference;
  if (inference.predictions.length === 0 && !robustness) return <div className={styles.absent}>No network survived, so there is nothing to predict with. Lower the learning rate and run again.</div>;
  return (
    <div className={styles.view}>
      {inference.predictions.length > 0 && <PredictorTable inference={inference} quantity={quantity} onQuantity={setQuantity} inks={inks} />}
      {averages && <MembersFigure inference={inference} quantity={quantity} shown={shown} />}
      <Confidence inference={inference} shown={shown} />
      {robustness && <RobustnessView robustness={robustness} />}
      {inference.evidence.length > 0 && <EvidenceTable evidence={inference.evidence} />}
      {(averages || inference.warnings.length > 0) && <ChainTable inference={inference} />}
      {inference.diagnostics.length > 0 && <TraceFigure diagnostics={inference.diagnostics} />}
      {inference.diagnostics.length > 0 && <SamplerCheckView inference={inference} />}
    </div>
  );
});

const NONE: ReadonlySet<string> = new Set();

/** Calibration and selective prediction of one arm, side by side. */
function Confidence({ inference, shown }: { inference: Inference; shown: Shown }) {
  const id = useId();
  const [wanted, setWanted] = useState<Family | null>(null);
  const arms = useMemo(() => armsOf(inference.predictions), [inference]);
  const arm = wanted !== null && arms.includes(wanted) ? wanted : openingArm(arms);
  const predictions = useMemo(() => inference.predictions.filter((one) => one.arm === arm && shown.inks.has(predictorName(one.predictor))), [inference, arm, shown.inks]);
  if (arm === null) return null;
  return (
    <section aria-labelledby={id}>
      <Heading id={id} title="How sure, and how right"><Pick quiet label="Arm" value={arm} options={arms} text={armText} onPick={setWanted} /></Heading>
      <div className={styles.plots}>
        <ReliabilityFigure arm={arm} predictions={predictions} shown={shown} />
        <RiskFigure arm={arm} predictions={predictions} shown={shown} />
      </div>
    </section>
  );
}
