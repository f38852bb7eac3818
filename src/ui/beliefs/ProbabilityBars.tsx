/** Probabilities of all classes as a row of bars, the true class marked by a tick below its bar. Decoration beside the same in words. */
import { INK } from '../charts/ink.ts';

const [WIDTH, HEIGHT] = [72, 26];

export function ProbabilityBars({ probabilities, label, colour }: { probabilities: readonly number[]; label: number; colour: string }) {
  const slot = WIDTH / probabilities.length;
  const bar = Math.max(1.5, slot - 1);
  return (
    <svg width={WIDTH} height={HEIGHT + 6} aria-hidden style={{ display: 'block', margin: '2px auto 0' }}>
      <line x1={0} x2={WIDTH} y1={HEIGHT + 0.5} y2={HEIGHT + 0.5} stroke={INK.axis} />
      {probabilities.map((p, c) => (
        <rect key={c} x={c * slot + (slot - bar) / 2} width={bar} y={HEIGHT * (1 - p)} height={HEIGHT * p} fill={colour} />
      ))}
      <path d={`M${(label + 0.5) * slot},${HEIGHT + 1.5}l3,4h-6z`} fill={INK.text} />
    </svg>
  );
}
