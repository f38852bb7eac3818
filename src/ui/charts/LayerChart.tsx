/** Standard deviation of the weights of each parameter tensor under the posterior: mean as a dot, minimum to maximum as a bar. */
import { useElementSize } from '@mantine/hooks';
import type { PosteriorSummary } from '../../posterior/posterior.ts';
import { Figure } from './Figure.tsx';
import { scientific } from './format.ts';
import { INK, TYPE } from './ink.ts';
import { PlotFrame } from './PlotFrame.tsx';
import { decadesAround, layerRows } from './posterior.ts';
import { logScale, logTicks } from './scale.ts';

/** Heights of a row; a ResNet has dozens. */
const [ROW, TIGHT_ROW] = [24, 17];
const MANY = 16;

const rowOf = (layers: PosteriorSummary['layers']): number => (layers.length > MANY ? TIGHT_ROW : ROW);

export function LayerChart({ summary }: { summary: PosteriorSummary }) {
  const { ref, width } = useElementSize();
  const height = Math.max(1, summary.layers.length) * rowOf(summary.layers) + 8 + 38;
  return (
    <Figure title="Standard deviation by layer" name="posterior-layers" csv={() => layerRows(summary)}>
      <div ref={ref} style={{ height }}>{width > 0 && <Layers layers={summary.layers} width={width} height={height} />}</div>
    </Figure>
  );
}

function Layers({ layers, width, height }: { layers: PosteriorSummary['layers']; width: number; height: number }) {
  const longest = Math.max(...layers.map(({ name }) => name.length), 4);
  const margin = { top: 4, right: 12, bottom: 38, left: Math.min(176, 14 + 5.6 * longest) };
  // Beside long names there is no room for what the figure's title says.
  const title = longest > 16 ? 'Parameter units' : 'Standard deviation (parameter units)';
  const row = rowOf(layers);
  const domain = decadesAround(layers.flatMap(({ minSd, maxSd }) => [minSd, maxSd]));
  const x = logScale(domain, [margin.left + 6, width - margin.right]);
  return (
    <PlotFrame
      width={width} height={height} margin={margin} label="Standard deviation of the weights by layer"
      x={{ scale: x, ticks: logTicks(...domain), title, text: (tick) => scientific(tick, 0), grid: true }}
    >
      {layers.map(({ name, size, meanSd, minSd, maxSd, meanWeightRms }, i) => {
        const y = margin.top + (i + 0.5) * row;
        return (
          <g key={name}>
            <title>{`${name}, ${size} weights: mean ${scientific(meanSd, 1)}, ${scientific(minSd, 1)} to ${scientific(maxSd, 1)}; weights themselves ${scientific(meanWeightRms, 1)} (root mean square)`}</title>
            <rect x={0} y={y - row / 2} width={width} height={row} fill="transparent" />
            <text x={margin.left - 8} y={y} dy="0.33em" textAnchor="end" fontSize={TYPE.tick} fill={INK.text}>{name}</text>
            {minSd > 0 && <line x1={x(minSd)} x2={x(maxSd)} y1={y} y2={y} stroke={INK.axis} strokeWidth={4} strokeLinecap="round" opacity={0.6} />}
            {meanSd > 0 && <circle cx={x(meanSd)} cy={y} r={4.5} fill={INK.text} stroke={INK.page} />}
          </g>
        );
      })}
    </PlotFrame>
  );
}
