/** Eigenvalues of the covariance factor FᵀF, descending, on a log axis: how many directions carry the posterior's low rank. */
import { useElementSize } from '@mantine/hooks';
import type { PosteriorSummary } from '../../posterior/posterior.ts';
import { Figure } from './Figure.tsx';
import { scientific } from './format.ts';
import { INK, TYPE } from './ink.ts';
import { PlotFrame } from './PlotFrame.tsx';
import { cumulativeShare, spectrumRows, tightDecades } from './posterior.ts';
import { linearScale, logScale, logTicks } from './scale.ts';

const HEIGHT = 190;
/** Of the words in its place at rank 0. */
const EMPTY = 40;
const MARGIN = { top: 22, right: 12, bottom: 36, left: 58 };

export function SpectrumChart({ summary }: { summary: PosteriorSummary }) {
  const { ref, width } = useElementSize();
  return (
    <Figure title="Spectrum of the covariance factor" name="posterior-spectrum" csv={() => spectrumRows(summary)}>
      <div ref={ref} style={{ height: summary.spectrum.length > 0 ? HEIGHT : EMPTY }}>{width > 0 && <Spectrum spectrum={summary.spectrum} width={width} />}</div>
    </Figure>
  );
}

function Spectrum({ spectrum, width }: { spectrum: readonly number[]; width: number }) {
  const right = width - MARGIN.right;
  if (spectrum.length === 0) return <svg width={width} height={EMPTY}><text x={12} y={24} fontSize={TYPE.label} fill={INK.muted}>This posterior has no low-rank factor.</text></svg>;
  const domain = tightDecades(spectrum);
  const y = logScale(domain, [HEIGHT - MARGIN.bottom, MARGIN.top]);
  const x = linearScale([0.5, spectrum.length + 0.5], [MARGIN.left, right]);
  const slot = (right - MARGIN.left) / spectrum.length;
  const bar = Math.max(2, Math.min(26, 0.62 * slot));
  const shares = cumulativeShare(spectrum);
  const stride = Math.max(1, Math.ceil(26 / slot));
  const ticks = spectrum.map((_, i) => i + 1).filter((k) => k === 1 || k % stride === 0);
  const told = shares.findIndex((share) => share >= 0.9) + 1;
  return (
    <PlotFrame
      width={width} height={HEIGHT} margin={MARGIN} label={`Eigenvalues of the covariance factor: ${told} of ${spectrum.length} carry 90% of its trace`}
      x={{ scale: x, ticks, title: 'Direction k' }}
      y={{ scale: y, ticks: logTicks(...domain), title: 'Eigenvalue', text: (tick) => scientific(tick, 1), grid: true }}
    >
      {spectrum.map((value, i) => {
        const top = value > 0 ? y(value) : HEIGHT - MARGIN.bottom;
        return (
          <g key={i}>
            <title>{`k = ${i + 1}: ${scientific(value, 2)}, ${(100 * shares[i]!).toFixed(1)}% of the trace up to here`}</title>
            <rect x={x(i + 1) - bar / 2} y={top} width={bar} height={Math.max(0, HEIGHT - MARGIN.bottom - top)} fill={i < told ? INK.muted : INK.axis} opacity={i < told ? 0.9 : 0.55} />
          </g>
        );
      })}
      <text x={right} y={13} textAnchor="end" fontSize={TYPE.tick} fill={INK.muted}>
        {told === 1 ? 'The darker one carries' : `The ${told} darker carry`} 90% of the factor’s trace
      </text>
    </PlotFrame>
  );
}
