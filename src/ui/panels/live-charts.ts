/** The charts drawn with Recharts, in a chunk of their own: the page is there before them, and fetches them while idle. */
import { lazy } from 'react';

const source = () => import('../charts/SourceChart.tsx');
const race = () => import('../charts/RaceChart.tsx');

export const SourceChart = lazy(async () => ({ default: (await source()).SourceChart }));
export const RaceChart = lazy(async () => ({ default: (await race()).RaceChart }));

/** Fetches the charts, so that the first picture need not wait. */
export function fetchCharts(): void {
  void source();
  void race();
  void import('../surface/SurfaceView.tsx');
}
