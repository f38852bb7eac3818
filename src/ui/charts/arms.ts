/**
 * How an arm looks, everywhere: one label, one colour, one dash and one marker. Colours are Okabe and Ito's (grey in the
 * place of yellow, which white paper swallows) and one violet, lightened or darkened until a line has 3:1 against the page; dash and
 * marker tell the arms apart without colour.
 */
import type { Arm } from '../../prior/prior.ts';

export type Shape = 'circle' | 'square' | 'diamond' | 'triangle' | 'triangle-down' | 'plus' | 'cross' | 'hexagon' | 'star';

export interface ArmStyle {
  label: string;
  /** A CSS colour that follows the page's colour scheme. */
  colour: string;
  /** The same colour for what cannot follow CSS (a canvas). */
  hex: { light: string; dark: string };
  /** stroke-dasharray; '' is a solid line. */
  dash: string;
  marker: Shape;
}

function style(label: string, light: string, dark: string, dash: string, marker: Shape): ArmStyle {
  return { label, colour: `light-dark(${light}, ${dark})`, hex: { light, dark }, dash, marker };
}

export const ARM_STYLE: Record<Arm, ArmStyle> = {
  scratch: style('From scratch', '#767b82', '#9aa1a9', '1 4', 'cross'),
  none: style('Plain fine-tuning', '#1f2328', '#f1f3f5', '7 4', 'square'),
  probe: style('Linear probe', '#2b8cc4', '#7cc8f2', '2 3', 'plus'),
  isotropic: style('Isotropic', '#b07800', '#e9ad1f', '9 3 2 3', 'triangle-down'),
  'l2-sp': style('L2-SP', '#0063a6', '#3f9be0', '12 3', 'diamond'),
  layerwise: style('Layer-wise', '#00805d', '#18b88a', '5 2 1 2 1 2', 'triangle'),
  diagonal: style('Diagonal', '#b8558f', '#dd8fbb', '4 2', 'hexagon'),
  'low-rank': style('Low-rank', '#c75000', '#f47d2a', '', 'circle'),
  'shift-trajectory': style('Shift-trajectory', '#5b2a9d', '#b39af5', '14 3 3 3', 'star'),
};

/** SVG path of a marker centred at 0, 0; every shape covers about the area of a circle of radius r. */
export function markerPath(shape: Shape, r: number): string {
  switch (shape) {
    case 'circle': return `M${-r},0A${r},${r} 0 1,1 ${r},0A${r},${r} 0 1,1 ${-r},0Z`;
    case 'square': return polygon([[-0.87, -0.87], [0.87, -0.87], [0.87, 0.87], [-0.87, 0.87]], r);
    case 'diamond': return polygon([[0, -1.3], [1.15, 0], [0, 1.3], [-1.15, 0]], r);
    case 'triangle': return polygon([[0, -1.3], [1.2, 0.85], [-1.2, 0.85]], r);
    case 'triangle-down': return polygon([[0, 1.3], [1.2, -0.85], [-1.2, -0.85]], r);
    case 'plus': return polygon(PLUS, r);
    case 'cross': return polygon(PLUS.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]), r);
    case 'hexagon': return polygon([0, 1, 2, 3, 4, 5].map((k) => [1.1 * Math.cos((k * Math.PI) / 3), 1.1 * Math.sin((k * Math.PI) / 3)]), r);
    case 'star': return polygon(STAR, r);
    default: throw new TypeError(`No marker ${shape satisfies never}.`);
  }
}

const STAR = Array.from({ length: 10 }, (_, k): [number, number] => {
  const reach = k % 2 ? 0.62 : 1.5;
  return [reach * Math.sin((k * Math.PI) / 5), -reach * Math.cos((k * Math.PI) / 5)];
});

const ARM = 1.2;
const HALF = 0.42;
const PLUS: [number, number][] = [
  [-HALF, -ARM], [HALF, -ARM], [HALF, -HALF], [ARM, -HALF], [ARM, HALF], [HALF, HALF],
  [HALF, ARM], [-HALF, ARM], [-HALF, HALF], [-ARM, HALF], [-ARM, -HALF], [-HALF, -HALF],
];

function polygon(corners: readonly (readonly number[])[], r: number): string {
  return `M${corners.map(([x, y]) => `${(x! * r).toFixed(2)},${(y! * r).toFixed(2)}`).join('L')}Z`;
}
