/** The walk: a slider from −3σ to +3σ along an eigenvector of the covariance; predictions of some images, accuracy and entropy on the way. */
import { SegmentedControl, Select, Slider, Text } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, useId, useMemo, useState } from 'react';
import type { Walk } from '../../experiment/beliefs/walk.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { Figure } from '../charts/Figure.tsx';
import { fixed, reading, settingText, tickText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { TileCanvas } from '../data/TileCanvas.tsx';
import { tilesOf } from '../data/tiles.ts';
import table from '../inference/inference.module.css';
import { CurvePlot, InkKey, type PlotCurve } from '../surface/CurvePlot.tsx';
import evidence from '../surface/evidence.module.css';
import surface from '../surface/surface.module.css';
import styles from './beliefs.module.css';
import { ProbabilityBars } from './ProbabilityBars.tsx';

const HEIGHT = 250;
type Kind = Walk['kinds'][number]['kind'];
const WORDS: Record<Kind, string> = { covariance: 'eigenvector', random: 'random direction' };

/** `planar`: the images are points, whose picture would say nothing. */
export const WalkView = memo(function WalkView({ walk, planar, onDirection }: { walk: Walk; planar: boolean; onDirection: (index: number) => void }) {
  const id = useId();
  const { ref, width } = useElementSize();
  const { stops, kinds, sigma, scale, index, directions } = walk;
  const [at, setAt] = useState(Math.floor(stops.length / 2));
  const [kind, setKind] = useState<Kind>('covariance');
  const curves = useMemo(() => curvesOf(walk), [walk]);
  const along = kinds.find((one) => one.kind === kind)!;
  const place = (stop: number) => `${stop > 0 ? '+' : ''}${tickText(stop)}σ`;
  return (
    <Figure
      title="A walk through the low-rank prior, around the mean with the source’s head" name="beliefs-walk" csv={() => walkCsv(walk)}
      controls={(
        <>
          <Select
            size="xs" w={148} aria-label="Direction of the walk" allowDeselect={false} value={String(index)} data={Array.from({ length: directions }, (_, k) => ({ value: String(k), label: `Eigenvector ${k + 1}` }))}
            onChange={(value) => { if (value !== null) onDirection(Number(value)); }}
          />
          <SegmentedControl size="xs" aria-label="Walk along" value={kind} data={[{ value: 'covariance', label: 'along it' }, { value: 'random', label: 'random' }]} onChange={(value) => setKind(value === 'random' ? 'random' : 'covariance')} />
        </>
      )}
    >
      <div className={styles.pair}>
        <div>
          <Text size="xs" fw={500} mb={8} id={id} style={{ fontVariantNumeric: 'tabular-nums' }}>
            At {place(stops[at]!)} along the {WORDS[kind]}: names {fixed(100 * along.accuracy[at]!, 1)}% of {walk.images}, entropy {fixed(100 * along.entropy[at]!, 1)}% of log C
          </Text>
          <Slider
            size="sm" min={0} max={stops.length - 1} step={1} value={at} label={null} onChange={setAt} thumbLabel="Place on the walk" thumbValueText={place(stops[at]!)} mb={26} mx={14}
            marks={[0, (stops.length - 1) / 2, stops.length - 1].map((value) => ({ value, label: value === (stops.length - 1) / 2 ? 'mean' : place(stops[value]!) }))}
            styles={{ markLabel: { fontSize: 11, color: INK.muted, marginTop: 2 } }}
          />
          {!planar && <Images walk={walk} probabilities={along.probabilities[at]!} colour={kind === 'covariance' ? ARM_STYLE['low-rank'].colour : INK.text} />}
          <p className={table.note} data-caption>
            σ = {reading(sigma)} parameter units: the prior’s standard deviation along eigenvector {index + 1} at λ = {settingText(scale)}. The control takes steps of the same length along a random direction of the extractor.
          </p>
        </div>
        <div>
          <div className={evidence.legend}>{curves.map(({ key, label, ink }) => <span key={key}><InkKey ink={ink} /><span data-caption>{label}</span></span>)}</div>
          <div ref={ref} style={{ height: HEIGHT }}>
            {width > 0 && (
              <CurvePlot
                x={stops} curves={curves} domain={{ low: 0, high: 100, clipped: false }} width={width} height={HEIGHT} top={10} label="Accuracy and entropy along the walk" xTitle="Place on the walk (σ of the prior)"
                yTitle={`% of ${planar ? 'points' : 'images'}, % of log C`} place={place} marks={(across, up) => <line x1={across(stops[at]!)} x2={across(stops[at]!)} y1={up(100)} y2={up(0)} stroke={INK.muted} strokeDasharray="2 3" />}
              />
            )}
          </div>
        </div>
      </div>
    </Figure>
  );
});

function Images({ walk, probabilities, colour }: { walk: Walk; probabilities: number[][]; colour: string }) {
  const tiles = useMemo(() => tilesOf(walk.strip), [walk.strip]);
  return (
    <ul className={`${surface.images} ${styles.images}`} aria-label="Predictions at this place">
      {walk.labels.map((label, i) => {
        const own = probabilities[i]!;
        const guess = own.reduce((best, p, c) => (p > own[best]! ? c : best), 0);
        const right = guess === label;
        return (
          <li key={i} className={right ? '' : surface.wrong}>
            <TileCanvas pixels={tiles[i] ?? null} className={surface.tile!} />
            <span><b>{walk.classNames[guess]}</b> {Number.isFinite(own[guess]!) ? `${fixed(100 * own[guess]!, 0)}%` : '–'}</span>
            <ProbabilityBars probabilities={own} label={label} colour={colour} />
            <small>{right ? 'right' : `is ${walk.classNames[label]!}`}</small>
          </li>
        );
      })}
    </ul>
  );
}

function curvesOf({ kinds }: Walk): PlotCurve[] {
  return kinds.flatMap(({ kind, accuracy, entropy }) => {
    const colour = kind === 'covariance' ? ARM_STYLE['low-rank'].colour : INK.text;
    return [
      { key: `${kind} accuracy`, label: `named rightly, ${WORDS[kind]}`, ink: { colour, dash: '', weight: 2.2 }, y: accuracy.map((value) => 100 * value), band: null },
      { key: `${kind} entropy`, label: `entropy, ${WORDS[kind]}`, ink: { colour, dash: '5 3', weight: 1.7 }, y: entropy.map((value) => 100 * value), band: null },
    ];
  });
}

function walkCsv({ stops, kinds, sigma, scale, index }: Walk): CsvValue[][] {
  return [
    ['direction', 'eigenvector', 'scale', 'sigma', 'stop_sigma', 'accuracy', 'entropy_share'],
    ...kinds.flatMap(({ kind, accuracy, entropy }) => stops.map((stop, t): CsvValue[] => [kind, index + 1, scale, sigma, stop, accuracy[t]!, entropy[t]!])),
  ];
}
