/** Marks that stand for an arm: its marker, and the key (dash and marker) that legends and tables show. */
import type { Arm } from '../../prior/prior.ts';
import { ARM_STYLE, markerPath, type Shape } from './arms.ts';
import { INK } from './ink.ts';

interface MarkerProps {
  shape: Shape;
  x?: number;
  y?: number;
  r?: number;
  fill: string;
  /** A rim in the page's colour, so that markers on lines or maps stand apart. */
  rim?: number;
}

export function Marker({ shape, x = 0, y = 0, r = 4, fill, rim = 1 }: MarkerProps) {
  return <path d={markerPath(shape, r)} transform={`translate(${x.toFixed(2)},${y.toFixed(2)})`} fill={fill} stroke={INK.page} strokeWidth={rim} />;
}

/** The key of an arm, 30 × 12 px: a piece of its line with its marker, or the marker alone. */
export function ArmKey({ arm, line = true }: { arm: Arm; line?: boolean }) {
  const { colour, dash, marker } = ARM_STYLE[arm];
  const width = line ? 30 : 14;
  return (
    <svg width={width} height={14} aria-hidden style={{ flex: 'none', display: 'block' }}>
      {line && <line x1={0} x2={width} y1={7} y2={7} stroke={colour} strokeWidth={2} strokeDasharray={dash} />}
      <Marker shape={marker} x={width / 2} y={7} r={4.5} fill={colour} />
    </svg>
  );
}
