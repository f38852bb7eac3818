/** The colour bar of a map: its bands side by side, the loss at which some of them begin. */
import { memo } from 'react';
import { within } from '../charts/format.ts';
import { INK, TYPE } from '../charts/ink.ts';
import { bandColour, bandEdges, BANDS, type LossDomain } from './colour.ts';

const BAR = 9;

export const MapLegend = memo(function MapLegend({ domain, width, y }: { domain: LossDomain; width: number; y: number }) {
  const edges = bandEdges(domain);
  const text = (value: number) => within(value, domain.high - domain.low);
  const slot = width / BANDS;
  const longest = Math.max(...edges.map((edge) => text(edge).length));
  const labelled = width > 46 * longest + 120 ? [0, 4, 8, 12, BANDS - 1] : width > 28 * longest + 100 ? [0, 8, BANDS - 1] : [0, BANDS - 1];
  return (
    <g transform={`translate(0,${y})`} fontSize={TYPE.tick} fill={INK.muted}>
      {edges.map((_, k) => <rect key={k} x={k * slot} width={slot + 0.4} height={BAR} fill={bandColour(k)} />)}
      {labelled.map((k) => {
        const last = k === BANDS - 1;
        return (
          <g key={k} transform={`translate(${k * slot},${BAR})`}>
            <line y2={4} stroke={INK.axis} />
            <text x={last ? slot : 0} y={15} textAnchor={k === 0 ? 'start' : last ? 'end' : 'middle'}>
              {last ? `${domain.clipped ? '≥ ' : ''}${text(edges[k]!)} nats` : text(edges[k]!)}
            </text>
          </g>
        );
      })}
    </g>
  );
});
