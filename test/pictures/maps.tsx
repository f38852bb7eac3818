/**
 * The maps as maps.e2e.test.ts draws, compares and saves them: fixed quadratics with every kind of mark. Not shipped.
 * `#dark` shows them in the dark scheme; `bench()` drags four maps of 101×101.
 */
import '@fontsource-variable/inter/index.css';
import '../../src/ui/page.css';
import { createElement, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { createRoot } from 'react-dom/client';
import type { PlanePoint, Trail } from '../../src/experiment/result.ts';
import { linspace } from '../../src/measure/plane.ts';
import { pictureOf } from '../../src/ui/charts/picture.ts';
import { lossDomain, shareDomain, signedDomain } from '../../src/ui/surface/colour.ts';
import { ContourMap, MAP_MARGIN } from '../../src/ui/surface/ContourMap.tsx';
import { priorEllipses } from '../../src/ui/surface/ellipse.ts';
import { type Field, fieldMinimum } from '../../src/ui/surface/field.ts';
import { MapKey } from '../../src/ui/surface/MapKey.tsx';

type Quadratic = readonly [number, number, number, number, number, number];

declare global {
  interface Window {
    /** A case's saved picture. */
    saved: (name: string) => string;
    /** Milliseconds a frame of a drag over four maps [frames]. */
    bench: (frames: number) => Promise<number[]>;
  }
}

const [a, b] = [linspace(-2, 8, 61), linspace(-3, 5, 61)];
const inner = { width: 270, height: 216 };
const width = inner.width + MAP_MARGIN.left + MAP_MARGIN.right;

const at = ([aa, ab, bb, a1, b1, one]: Quadratic, x: number, y: number) => aa * x * x + ab * x * y + bb * y * y + a1 * x + b1 * y + one;
const fieldOf = (f: (x: number, y: number) => number): Field => ({ a, b, values: Float32Array.from(b.flatMap((y) => a.map((x) => f(x, y)))) });
/** ½·(curvatures along the axes turned by an angle) around a centre, lowest value `least`. */
function bowl(x: number, y: number, first: number, second: number, turn: number, least: number): Quadratic {
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  const [aa, ab, bb] = [0.5 * (first * c * c + second * s * s), (first - second) * c * s, 0.5 * (first * s * s + second * c * c)];
  return [aa, ab, bb, -2 * aa * x - ab * y, -ab * x - 2 * bb * y, least + aa * x * x + ab * x * y + bb * y * y];
}

const TRAIN = bowl(5.2, 1, 0.05, 0.6, 0.5, 0.11);
const TEST = bowl(2.8, 2.2, 0.09, 0.3, -0.4, 1.2);
const PRIOR = bowl(1, 0.5, 0.8, 3.2, 0.35, 0);

const train = fieldOf((x, y) => at(TRAIN, x, y));
const test = fieldOf((x, y) => at(TEST, x, y));
const objective = fieldOf((x, y) => at(TRAIN, x, y) + at(PRIOR, x, y) / 10);
const difference = fieldOf((x, y) => at(TRAIN, x, y) + 1.4 - at(TEST, x, y));
const accuracy = fieldOf((x, y) => 0.3 + 0.55 * Math.exp(-0.5 * (at(TEST, x, y) - 1.2)));
const arriving: Field = { a, b, values: Float32Array.from(train.values, (value, k) => (k % 61 > 34 && (k % 4 !== 0 || Math.floor(k / 61) % 4 !== 0) ? NaN : value)) };
const broken: Field = { a, b, values: Float32Array.from(train.values, (value, k) => (k % 61 > 48 && k / 61 > 44 ? NaN : value)) };

const points: PlanePoint[] = [
  { name: 'pre-trained', arm: null, a: 0, b: 0, off: 0 },
  { name: 'plain', arm: 'none', a: 5.6, b: 1.2, off: 0 },
  { name: 'low-rank', arm: 'low-rank', a: 3.1, b: 1.6, off: 0 },
  { name: 'l2-sp', arm: 'l2-sp', a: 2, b: 3.9, off: 3.1 },
  { name: 'scratch', arm: 'scratch', a: 30, b: 1, off: 20 },
];
const steps = Array.from({ length: 31 }, (_, i) => 10 * i);
const trail = (arm: Trail['arm'], toA: number, toB: number, bend: number): Trail => {
  const along = steps.map((step) => 1 - Math.exp(-step / 70));
  return { arm, seed: 1, temperature: null, steps, a: along.map((s) => (toA * s) / along.at(-1)!), b: along.map((s) => (toB * s) / along.at(-1)! + bend * Math.sin((Math.PI * s) / along.at(-1)!)), off: steps.map(() => 0) };
};
const testMinimum = fieldMinimum(test)!.refined;
const common = { width, inner, points, testMinimum, done: true, cross: null, onCross: () => undefined, axes: ['towards plain', 'towards low-rank'] as const };

const CASES: Record<string, ReactNode> = {
  loss: <ContourMap {...common} title="Train NLL" subtitle="N = 100 training images" field={train} scale={lossDomain([train.values])!} link picked={{ a: 6.4, b: -1.6 }} />,
  drag: (
    <ContourMap
      {...common} title="Train NLL + prior/N" subtitle="Low-rank prior, λ = 300" field={objective} scale={lossDomain([objective.values])!} points={points.slice(0, 1)}
      ghost={{ field: train, least: fieldMinimum(train)!.refined }} ellipses={priorEllipses(PRIOR)}
    />
  ),
  trails: <ContourMap {...common} title="Test NLL" subtitle="never used in training" field={test} scale={lossDomain([test.values])!} testMinimum={null} trails={[trail('none', 5.6, 1.2, 1.1), trail('low-rank', 3.1, 1.6, -0.6)]} />,
  signed: <ContourMap {...common} title="Low-rank − L2-SP" subtitle="difference of the objectives" field={difference} scale={signedDomain([difference.values])!} points={points.slice(0, 3)} />,
  share: <ContourMap {...common} title="Test accuracy" subtitle="2,000 images" field={accuracy} scale={shareDomain([accuracy.values])!} unit="%" points={points.slice(0, 3)} axes={['along the top covariance direction of the learned posterior', 'random direction']} />,
  arriving: <ContourMap {...common} title="Train NLL" subtitle="half of it still to come" field={arriving} scale={lossDomain([arriving.values])!} points={[]} done={false} cross={{ a: 0, b: 2 }} />,
  broken: <ContourMap {...common} title="Train NLL" subtitle="not finite in a corner" field={broken} scale={lossDomain([broken.values])!} points={[]} testMinimum={null} />,
};

const dark = location.hash === '#dark';
document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
document.documentElement.style.colorScheme = dark ? 'dark' : 'light';
document.documentElement.style.setProperty('--mantine-color-body', 'var(--card)');
document.body.style.cssText = "margin:0;background:var(--card);color:var(--ink);font-family:'Inter Variable',sans-serif";

createRoot(document.getElementById('root')!).render(
  <div style={{ padding: 12, width: 1380 }}>
    <div style={{ display: 'grid', gridTemplateColumns: 'repeat(4, max-content)', gap: 12 }}>
      {Object.entries(CASES).map(([name, map]) => createElement('figure', { key: name, id: name }, map))}
    </div>
    <MapKey points={points} a={a} b={b} ghost trails ellipses link picked />
  </div>,
);

window.saved = (name) => pictureOf(document.getElementById(name)!).text;

window.bench = async (frames) => {
  const axis = { a: linspace(-2, 8, 101), b: linspace(-3, 5, 101) };
  const fine = (q: Quadratic) => Float32Array.from(axis.b.flatMap((y) => axis.a.map((x) => at(q, x, y))));
  const [likelihood, prior] = [fine(TRAIN), fine(PRIOR)];
  const host = document.createElement('div');
  document.body.prepend(host);
  const root = createRoot(host);
  const ghost = { field: { ...axis, values: likelihood }, least: { a: 5.2, b: 1 } };
  const trails = [trail('none', 5.6, 1.2, 1.1)];
  const times: number[] = [];
  for (let frame = 0; frame < frames; frame++) {
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    const maps = [0, 1, 2, 3].map((k) => likelihood.map((value, i) => value + (prior[i]! * (1 + k)) / (10 + frame)));
    flushSync(() => root.render(
      <div style={{ display: 'flex' }}>
        {maps.map((values, k) => (
          <ContourMap
            key={k} {...common} title="Objective" subtitle="a drag" field={{ ...axis, values }} scale={lossDomain([values])!} testMinimum={{ a: 2.8, b: 2.2 }} ghost={ghost} link
            ellipses={priorEllipses(PRIOR.map((c) => c / (1 + frame)))} trails={trails}
          />
        ))}
      </div>,
    ));
    times.push(performance.now() - start);
  }
  root.unmount();
  host.remove();
  return times;
};
