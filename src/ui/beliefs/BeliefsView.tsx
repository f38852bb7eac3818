/** The opened fold: which images, at which λ; a sentence, a table, curves over λ, images or the toy's plane, and the walk. */
import { Button, SegmentedControl, Slider, Text } from '@mantine/core';
import { useId, useMemo, useState } from 'react';
import type { Reads } from '../../experiment/beliefs/beliefs-result.ts';
import { ladderOf, openingScale } from '../../experiment/beliefs/belief-scales.ts';
import { onToy } from '../../experiment/config/config.ts';
import type { PosteriorSummary } from '../../posterior/posterior.ts';
import type { Family } from '../../prior/prior.ts';
import { settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { useSlice } from '../context.ts';
import { Waiting } from '../panels/Panel.tsx';
import { AnswerTable } from './AnswerTable.tsx';
import { BeliefCurves } from './BeliefCurves.tsx';
import { BeliefTable } from './BeliefTable.tsx';
import styles from './beliefs.module.css';
import { PlaneFigure } from './PlaneFigure.tsx';
import { useBeliefs } from './useBeliefs.ts';
import { WalkView } from './WalkView.tsx';

/** Positions of the slider a decade of λ. */
const STEPS = 10;

export function BeliefsView({ posterior }: { posterior: PosteriorSummary }) {
  const id = useId();
  const config = useSlice((state) => (state.shown ?? state.settings).config);
  const imported = useSlice((state) => state.imported !== null);
  const label = useSlice((state) => state.picture.cutting?.label ?? null);
  const idle = useSlice((state) => state.phase === 'idle');
  const [chosen, setChosen] = useState<Reads>('source');
  const [scale, setScale] = useState(() => openingScale(config));
  const [family, setFamily] = useState<Family>('low-rank');
  const [direction, setDirection] = useState(0);
  const reads = imported ? 'downstream' : chosen;
  const { found, ladder, busy, fault, again } = useBeliefs({ reads, scale, family, direction: Math.min(direction, Math.max(0, posterior.rank - 1)) }, posterior);
  const rungs = useMemo(() => ladderOf(config), [config]);
  const toy = onToy(config);
  const thing = toy ? 'points' : 'images';
  const [low, high] = [rungs[0]!, rungs.at(-1)!];
  return (
    <div className={styles.view} aria-busy={busy}>
      <div className={styles.controls}>
        <div>
          <Text size="xs" fw={500} mb={6} id={`${id}-reads`}>Asked about</Text>
          <SegmentedControl
            size="xs" aria-labelledby={`${id}-reads`} value={reads} disabled={imported} onChange={(value) => setChosen(value === 'source' ? 'source' : 'downstream')}
            data={[{ value: 'source', label: `source ${thing}` }, { value: 'downstream', label: `downstream ${thing}` }]}
          />
        </div>
        <div className={styles.scale}>
          <Text size="xs" fw={500} mb={6} style={{ fontVariantNumeric: 'tabular-nums' }}>Scale λ = {settingText(scale)}</Text>
          <Slider
            size="sm" min={0} max={Math.round(STEPS * Math.log10(high / low))} step={1} value={Math.round(STEPS * Math.log10(scale / low))} label={null}
            marks={[{ value: 0, label: 'tight' }, { value: Math.round(STEPS * Math.log10(high / low)), label: 'loose' }]}
            thumbLabel="Scale λ of the priors asked" thumbValueText={`λ = ${settingText(scale)}`} onChange={(step) => setScale(Number((low * 10 ** (step / STEPS)).toPrecision(2)))}
            styles={{ markLabel: { fontSize: 11, color: INK.muted, marginTop: 2 } }}
          />
        </div>
        <p className={styles.state} role="status" aria-live="polite">
          {fault !== null && !busy ? <><span className="fault">{fault}</span> <Button size="compact-xs" variant="default" onClick={again}>Ask again</Button></>
            : !idle ? 'An experiment is running; the priors can be asked when it has ended.'
            : busy ? `${label ?? 'Asking the priors'}…` : found ? `${found.draws} networks a prior, ${found.images} ${thing}${found.headStrength === null ? ', the source’s head' : `, heads from N(0, I/κ) with κ = ${settingText(found.headStrength)}`}.` : 'Asking the priors…'}
        </p>
      </div>
      {found
        ? (
          <>
            <p className={styles.sentence}>{found.sentence}</p>
            <div className={styles.pair}>
              <BeliefTable found={found} />
              <BeliefCurves beliefs={ladder?.reads === found.reads ? ladder.beliefs : null} scale={scale} />
            </div>
            {found.fields
              ? <PlaneFigure fields={found.fields} title="Networks drawn from the prior, over the plane" name="beliefs-plane" family={family} families={found.table.map((one) => one.family)} onFamily={setFamily} note="drawn from the prior" busy={busy} />
              : <AnswerTable found={found} />}
            {found.walk
              ? <WalkView walk={found.walk} planar={found.fields !== null} onDirection={setDirection} />
              : <Text size="sm" c={INK.muted}>A walk needs the source’s images and a covariance factor; an imported prior comes without the images.</Text>}
          </>
        )
        : <Waiting height={420}>{fault ?? 'Drawing networks from every prior and asking them…'}</Waiting>}
    </div>
  );
}
