/** The losses along one cut: train NLL, the objective at the slider's λ and test NLL, with their minimisers and the gap between the last two. */
import { Switch } from '@mantine/core';
import { useElementSize } from '@mantine/hooks';
import { useId } from 'react';
import type { Line } from '../../experiment/result.ts';
import { type Arm, ARMS, type Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed, plusMinus, reading, settingText, tickText } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import { axisRoom, PlotFrame } from '../charts/PlotFrame.tsx';
import { linearScale, niceTicks, type Scale } from '../charts/scale.ts';
import { type Curve, type CurveName, cutDomain, type CutPicture } from './cut.ts';
import type { LiveGap } from './objective.ts';

const HEIGHT = 340;
const MARGIN = { top: 66, right: 14, bottom: 38 };

interface CutPlotProps {
  picture: CutPicture;
  line: Line;
  family: Family | null;
  scale: number;
  gap: LiveGap | null;
  /** Curves are drawn above their own lowest point. */
  excess: boolean;
  onExcess: (excess: boolean) => void;
}

export function CutPlot({ picture, line, family, scale, gap, excess, onExcess }: CutPlotProps) {
  const { ref, width } = useElementSize();
  const { clipped, high } = cutDomain(picture);
  const hasObjective = picture.curves.some(({ name }) => name === 'objective');
  const bracket = `Bracket${picture.relative ? 's, one a seed' : ''}: from the minimiser of ${hasObjective ? 'the objective' : 'train NLL'} (dot) to that of test NLL (ring). `;
  const band = picture.relative ? 'Curves: mean over seeds with 95% t bands. ' : '';
  return (
    <div>
      <div style={{ display: 'flex', flexWrap: 'wrap', gap: '2px 16px', minHeight: 20 }}>
        {picture.curves.map(({ name }) => <CurveKey key={name} name={name} family={family} text={name === 'train' ? 'train NLL' : name === 'test' ? 'test NLL' : `train NLL + prior/N, λ = ${settingText(scale)}`} />)}
        <Switch size="xs" label="Above own minimum" checked={excess} onChange={(event) => onExcess(event.currentTarget.checked)} ml="auto" data-controls />
      </div>
      <div ref={ref} style={{ height: HEIGHT }}>
        {width > 0 && <Cut {...{ picture, line, family, gap, width, excess }} />}
      </div>
      <div style={{ fontSize: 12, color: INK.muted, minHeight: 36 }} data-caption>
        {bracket}{band}{family && !hasObjective ? `The cuts do not carry the ${ARM_STYLE[family].label} prior: choose another. ` : ''}{clipped ? `Clipped at ${reading(high)} nats.` : ''}
      </div>
    </div>
  );
}

function inkOf(name: CurveName, family: Family | null): { colour: string; dash: string; weight: number } {
  if (name === 'train') return { colour: INK.muted, dash: '5 3', weight: 1.8 };
  if (name === 'test') return { colour: INK.text, dash: '', weight: 2.2 };
  const style = family && ARM_STYLE[family];
  return { colour: style?.colour ?? INK.text, dash: style?.dash ?? '', weight: 2.4 };
}

function CurveKey({ name, family, text }: { name: CurveName; family: Family | null; text: string }) {
  const { colour, dash, weight } = inkOf(name, family);
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6, fontSize: 12, color: INK.text }}>
      <svg width={30} height={12} aria-hidden><line x1={0} x2={30} y1={6} y2={6} stroke={colour} strokeWidth={weight} strokeDasharray={dash} /></svg>
      <span data-caption>{text}</span>
    </span>
  );
}

function Cut({ picture, line, family, gap, width, excess }: { picture: CutPicture; line: Line; family: Family | null; gap: LiveGap | null; width: number; excess: boolean }) {
  const id = useId();
  const { x: at, curves, relative } = picture;
  const { low, high } = cutDomain(picture);
  const ticks = niceTicks(low, high, 5);
  const margin = { ...MARGIN, left: axisRoom(ticks, tickText) };
  const x = linearScale([at[0]!, at.at(-1)!], [margin.left, width - MARGIN.right]);
  const y = linearScale([low, high], [HEIGHT - MARGIN.bottom, MARGIN.top]);
  return (
    <PlotFrame
      width={width} height={HEIGHT} margin={margin} label={`Losses along the cut ${line.cut}`}
      x={{ scale: x, ticks: niceTicks(...x.domain, width > 420 ? 8 : 5), title: relative ? 'Position ÷ length of the cut' : 'Position t (parameter units)' }}
      y={{ scale: y, ticks, title: excess ? 'NLL above its minimum (nats)' : 'NLL (nats)', text: tickText, grid: true }}
    >
      <clipPath id={`${id}plot`}><rect x={margin.left} y={MARGIN.top} width={width - margin.left - MARGIN.right} height={HEIGHT - MARGIN.top - MARGIN.bottom} /></clipPath>
      <g clipPath={`url(#${id}plot)`}>
        {curves.map((curve) => curve.band && <path key={curve.name} d={bandPath(at, curve, x, y)} fill={inkOf(curve.name, family).colour} fillOpacity={0.13} />)}
        {curves.map((curve) => {
          const { colour, dash, weight } = inkOf(curve.name, family);
          return <path key={curve.name} d={curvePath(at, curve.y, x, y)} fill="none" stroke={colour} strokeWidth={weight} strokeDasharray={dash} strokeLinejoin="round" />;
        })}
      </g>
      <Ends line={line} ends={picture.ends} x={x} />
      <Brackets picture={picture} family={family} x={x} gap={gap} y={y} />
    </PlotFrame>
  );
}

/** The two ends of the cut as thin uprights with their names at the foot. */
function Ends({ line, ends, x }: { line: Line; ends: [number, number]; x: Scale }) {
  const named = [{ at: ends[0], name: line.from }, ...(line.to === null ? [] : [{ at: ends[1], name: line.to }])];
  return (
    <g>
      {named.map(({ at, name }) => {
        const arm: Arm | undefined = name === 'plain' ? 'none' : ARMS.find((one) => one === name);
        const foot = HEIGHT - MARGIN.bottom;
        return (
          <g key={name}>
            <line x1={x(at)} x2={x(at)} y1={MARGIN.top} y2={foot} stroke={INK.axis} strokeDasharray="2 3" />
            {arm && <Marker shape={ARM_STYLE[arm].marker} x={x(at)} y={foot - 12} r={5} fill={ARM_STYLE[arm].colour} />}
            <text x={x(at) + 9} y={foot - 8} fontSize={TYPE.tick} fill={INK.text} stroke={INK.page} strokeWidth={3.5} strokeLinejoin="round" paintOrder="stroke">{arm ? ARM_STYLE[arm].label : name}</text>
          </g>
        );
      })}
    </g>
  );
}

/** For each seed a bracket from the objective's minimiser to the test loss's, above the plot; for one seed also dots on the curves. */
function Brackets({ picture, family, x, y, gap }: { picture: CutPicture; family: Family | null; x: Scale; y: Scale; gap: LiveGap | null }) {
  const { minimisers, curves, relative } = picture;
  const objective = curves.some(({ name }) => name === 'objective');
  const { colour } = inkOf(objective ? 'objective' : 'train', family);
  const rows = minimisers.length;
  const pitch = Math.min(8, 32 / rows);
  const shown = minimisers.flatMap(({ seed, train, objective: own, test }) => {
    const trained = own ?? train;
    return trained === null || test === null ? [] : [{ seed, trained, test }];
  });
  const [only] = minimisers;
  return (
    <g>
      <text x={x.range[1] < 420 ? 2 : x.range[0]} y={13} fontSize={TYPE.label} fill={INK.text}>
        {gap ? `Gap ${gap.atBoundary > 0 ? '≥ ' : ''}${plusMinus(gap.gap, digits(gap.gap.mean))} parameter units${rows > 1 ? `, over ${gap.gap.seeds} seeds` : ''}` : 'No prior on this cut: gap of the train NLL'}
      </text>
      {shown.map(({ seed, trained, test }, row) => {
        const level = 26 + (row + 0.5) * pitch;
        return (
          <g key={seed}>
            <title>{`Seed ${seed}: objective lowest at ${fixed(trained, 3)}, test at ${fixed(test, 3)}`}</title>
            <line x1={x(trained)} x2={x(test)} y1={level} y2={level} stroke={colour} strokeWidth={2.4} />
            <circle cx={x(trained)} cy={level} r={Math.min(4, pitch / 2 + 0.5)} fill={colour} />
            <circle cx={x(test)} cy={level} r={Math.min(4, pitch / 2 + 0.5)} fill={INK.page} stroke={INK.text} strokeWidth={1.6} />
          </g>
        );
      })}
      {!relative && only && curves.map(({ name, y: values }) => {
        const at = only[name];
        if (at === null) return null;
        const lowest = Math.min(...values.filter(Number.isFinite));
        const { colour: ink } = inkOf(name, family);
        return (
          <g key={name}>
            {name !== 'train' && <line x1={x(at)} x2={x(at)} y1={30 + pitch / 2} y2={y(lowest)} stroke={ink} strokeWidth={0.9} strokeDasharray="1 3" />}
            <circle cx={x(at)} cy={y(lowest)} r={4.5} fill={name === 'test' ? INK.page : ink} stroke={name === 'test' ? INK.text : INK.page} strokeWidth={1.6} />
          </g>
        );
      })}
    </g>
  );
}

function digits(value: number): number {
  return Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
}

function curvePath(at: readonly number[], values: readonly number[], x: Scale, y: Scale): string {
  let pen = 'M';
  return at.map((t, i) => {
    const value = values[i]!;
    if (!Number.isFinite(value)) {
      pen = 'M';
      return '';
    }
    const piece = `${pen}${x(t).toFixed(1)},${Math.max(-1e4, y(value)).toFixed(1)}`;
    pen = 'L';
    return piece;
  }).join('');
}

function bandPath(at: readonly number[], { band }: Curve, x: Scale, y: Scale): string {
  const bounds = at.flatMap((t, i) => {
    const one = band?.[i];
    return one ? [[x(t), Math.max(-1e4, y(one[1])), Math.min(1e4, y(one[0]))] as const] : [];
  });
  if (bounds.length === 0) return '';
  const top = bounds.map(([px, up]) => `${px.toFixed(1)},${up.toFixed(1)}`);
  const foot = bounds.map(([px, , down]) => `${px.toFixed(1)},${down.toFixed(1)}`).reverse();
  return `M${[...top, ...foot].join('L')}Z`;
}
