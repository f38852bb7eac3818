/** The losses along one cut: train and test NLL, the objectives under several priors, their minimisers and the gap of the selected one. */
import { Switch, UnstyledButton } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { memo, useCallback, useMemo } from 'react';
import type { AlignmentGap, Line } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, plusMinus, reading } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import type { Scale } from '../charts/scale.ts';
import { CurvePlot, type Ink, InkKey, type PlotCurve } from './CurvePlot.tsx';
import { armNamed, type Curve, cutDomain, type CutPicture } from './cut.ts';
import styles from './evidence.module.css';

const HEIGHT = 356;
const TOP = 66;
const FOOT = HEIGHT - 38;

interface CutPlotProps {
  picture: CutPicture;
  line: Line;
  /** All that the lines carry. */
  families: readonly Family[];
  family: Family | null;
  beside: readonly Family[];
  onBeside: (beside: Family[]) => void;
  /** Alignment under the selected prior as the controls stand, over the lines shown. */
  gap: AlignmentGap | null;
  /** Curves are drawn above their own lowest point. */
  excess: boolean;
  onExcess: (excess: boolean) => void;
}

export function CutPlot({ picture, line, families, family, beside, onBeside, gap, excess, onExcess }: CutPlotProps) {
  const { ref, width } = useElementSize();
  const domain = useMemo(() => cutDomain(picture), [picture]);
  const curves = useMemo(() => picture.curves.map(plotted), [picture]);
  const hasObjective = picture.curves.some(({ kind }) => kind === 'objective');
  const ghost = picture.curves.some(({ kind }) => kind === 'ghost');
  const marks = useCallback((x: Scale, y: Scale) => (
    <>
      <Ends line={line} ends={picture.ends} x={x} />
      <Brackets picture={picture} family={family} gap={gap} x={x} y={y} />
    </>
  ), [line, picture, family, gap]);
  const place = (at: number) => (picture.relative ? `t = ${fixed(at, 3)} of the cut’s length` : `t = ${fixed(at, 3)} parameter units`);
  return (
    <div>
      <Legend {...{ families, family, beside, onBeside, excess, onExcess, hasObjective, ghost }} />
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && (
          <CurvePlot
            x={picture.x} curves={curves} domain={domain} width={width} height={HEIGHT} top={TOP} label={`Losses along the cut ${line.cut}`} place={place} marks={marks}
            xTitle={picture.relative ? 'Position t ÷ length of the cut' : 'Position t (parameter units)'} yTitle={excess ? 'NLL above its minimum (nats)' : 'NLL (nats)'}
          />
        )}
      </div>
      <div className={styles.caption} data-caption>
        Bracket{picture.relative ? 's, one a seed' : ''}: from the minimiser of {hasObjective ? 'the objective' : 'train NLL'} (dot) to that of test NLL (ring).
        {picture.relative && ' Curves: mean over seeds with 95% t bands.'}
        {family && !hasObjective && ` This cut does not carry the ${ARM_STYLE[family].label} prior: choose another.`}
        {domain.clipped && ` Clipped at ${reading(domain.high)} nats.`}
      </div>
    </div>
  );
}

interface LegendProps extends Pick<CutPlotProps, 'families' | 'family' | 'beside' | 'onBeside' | 'excess' | 'onExcess'> {
  hasObjective: boolean;
  ghost: boolean;
}

/** Curves by name; the priors beside the selected one are buttons that show and hide theirs. */
const Legend = memo(function Legend({ families, family, beside, onBeside, excess, onExcess, hasObjective, ghost }: LegendProps) {
  const toggle = (one: Family) => onBeside(beside.includes(one) ? beside.filter((other) => other !== one) : [...beside, one]);
  return (
    <div className={styles.legend}>
      {legendOf(family, hasObjective).map(({ label, ink }) => <span key={label}><InkKey ink={ink} /><span data-caption>{label}</span></span>)}
      {families.filter((one) => one !== family).map((one) => {
        const shown = beside.includes(one);
        return (
          <UnstyledButton key={one} aria-pressed={shown} title={shown ? 'Hide this objective' : 'Show this objective'} onClick={() => toggle(one)} data-controls={shown ? undefined : true}>
            <span style={{ opacity: shown ? 1 : 0.35, display: 'flex' }}><InkKey ink={inkOf({ kind: 'rival', family: one })} /></span>
            <span data-caption style={{ textDecoration: shown ? 'none' : 'line-through', color: shown ? INK.text : INK.muted }}>{ARM_STYLE[one].label}</span>
          </UnstyledButton>
        );
      })}
      {family && hasObjective && (
        <span style={{ visibility: ghost ? 'visible' : 'hidden' }} data-controls={ghost ? undefined : true}><InkKey ink={inkOf({ kind: 'ghost', family })} /><span data-caption>before</span></span>
      )}
      <Switch size="xs" label="Above own minimum" checked={excess} onChange={(event) => onExcess(event.currentTarget.checked)} ml="auto" data-controls />
    </div>
  );
});

function inkOf({ kind, family }: Pick<Curve, 'kind' | 'family'>): Ink {
  const style = family && ARM_STYLE[family];
  switch (kind) {
    case 'train': return { colour: INK.muted, dash: '5 3', weight: 1.8 };
    case 'test': return { colour: INK.text, dash: '', weight: 2.2 };
    case 'objective': return { colour: style?.colour ?? INK.text, dash: style?.dash ?? '', weight: 3 };
    case 'rival': return { colour: style?.colour ?? INK.text, dash: style?.dash ?? '', weight: 1.5 };
    case 'ghost': return { colour: style?.colour ?? INK.text, dash: '2 4', weight: 1.5, opacity: 0.75 };
    default: return kind satisfies never;
  }
}

function plotted(curve: Curve): PlotCurve {
  const { kind, family, y, band } = curve;
  return { key: `${kind} ${family ?? ''}`, label: curveLabel(curve), ink: inkOf(curve), y, band: kind === 'rival' ? null : band };
}

function curveLabel({ kind, family }: Pick<Curve, 'kind' | 'family'>): string {
  if (kind === 'train') return 'train NLL';
  if (kind === 'test') return 'test NLL';
  return `${family ? ARM_STYLE[family].label : ''}${kind === 'ghost' ? ', before' : ''}`;
}

function legendOf(family: Family | null, hasObjective: boolean): { label: string; ink: Ink }[] {
  return [
    { label: 'train NLL', ink: inkOf({ kind: 'train', family: null }) },
    { label: 'test NLL', ink: inkOf({ kind: 'test', family: null }) },
    ...(family && hasObjective ? [{ label: `train NLL + prior/N, ${ARM_STYLE[family].label}`, ink: inkOf({ kind: 'objective', family }) }] : []),
  ];
}

/** The two ends of the cut as thin uprights with their names at the foot. */
function Ends({ line, ends, x }: { line: Line; ends: [number, number]; x: Scale }) {
  const named = [{ at: ends[0], name: line.from }, ...(line.to === null ? [] : [{ at: ends[1], name: line.to }])];
  return (
    <g>
      {named.map(({ at, name }) => {
        const arm = armNamed(name);
        return (
          <g key={name}>
            <line x1={x(at)} x2={x(at)} y1={TOP} y2={FOOT} stroke={INK.axis} strokeDasharray="2 3" />
            {arm && <Marker shape={ARM_STYLE[arm].marker} x={x(at)} y={FOOT - 12} r={5} fill={ARM_STYLE[arm].colour} />}
            <text x={x(at) + 9} y={FOOT - 8} fontSize={TYPE.tick} fill={INK.text} stroke={INK.page} strokeWidth={3.5} strokeLinejoin="round" paintOrder="stroke">{arm ? ARM_STYLE[arm].label : name}</text>
          </g>
        );
      })}
    </g>
  );
}

/** For each seed a bracket from the objective's minimiser to the test loss's, above the plot; for one seed also dots on the curves. */
function Brackets({ picture, family, x, y, gap }: { picture: CutPicture; family: Family | null; x: Scale; y: Scale; gap: AlignmentGap | null }) {
  const { minimisers, curves, relative } = picture;
  const objective = curves.find(({ kind }) => kind === 'objective');
  const { colour } = inkOf({ kind: objective ? 'objective' : 'train', family });
  const pitch = Math.min(8, 32 / minimisers.length);
  const [low, high] = x.domain;
  const inside = (at: number) => Math.max(low, Math.min(high, at));
  const shown = minimisers.flatMap(({ seed, train, objective: own, test }) => {
    const trained = own ?? train;
    return trained === null || test === null ? [] : [{ seed, trained, test }];
  });
  return (
    <g>
      <text x={x.range[1] < 420 ? 2 : x.range[0]} y={13} fontSize={TYPE.label} fill={INK.text}>
        {gap ? `Gap ${gap.atBoundary > 0 ? '≥ ' : ''}${plusMinus(gap.gap, digits(gap.gap.mean))} parameter units${minimisers.length > 1 ? `, over ${gap.gap.seeds} seeds` : ''}` : 'Without a prior: gap of the train NLL'}
      </text>
      {shown.map(({ seed, trained, test }, row) => {
        const level = 26 + (row + 0.5) * pitch;
        const r = Math.min(4, pitch / 2 + 0.5);
        return (
          <g key={seed}>
            <title>{`Seed ${seed}: objective lowest at ${fixed(trained, 3)}, test at ${fixed(test, 3)}`}</title>
            <line x1={x(inside(trained))} x2={x(inside(test))} y1={level} y2={level} stroke={colour} strokeWidth={2.4} />
            <circle cx={x(inside(trained))} cy={level} r={r} fill={colour} />
            <circle cx={x(inside(test))} cy={level} r={r} fill={INK.page} stroke={INK.text} strokeWidth={1.6} />
          </g>
        );
      })}
      {!relative && minimisers[0] && curves.map((curve) => {
        if (curve.kind === 'rival' || curve.kind === 'ghost') return null;
        const at = minimisers[0]![curve.kind];
        if (at === null) return null;
        const level = y(Math.min(...curve.y.filter(Number.isFinite)));
        const ink = inkOf(curve).colour;
        if (level < TOP || level > FOOT) return null;
        return (
          <g key={curve.kind}>
            {curve.kind !== 'train' && <line x1={x(at)} x2={x(at)} y1={30 + pitch / 2} y2={level} stroke={ink} strokeWidth={0.9} strokeDasharray="1 3" />}
            <circle cx={x(at)} cy={level} r={4.5} fill={curve.kind === 'test' ? INK.page : ink} stroke={curve.kind === 'test' ? INK.text : INK.page} strokeWidth={1.6} />
          </g>
        );
      })}
    </g>
  );
}

function digits(value: number): number {
  return Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
}
