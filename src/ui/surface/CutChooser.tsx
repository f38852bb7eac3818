/** Which plane is mapped: how it is spanned, through what, for which seed and how finely. A change is measured at once. */
import { Button, Group, Loader, Progress, Select, Text } from '@mantine/core';
import { memo } from 'react';
import type { DirectionSpec, PlaneSpec, PointName } from '../../experiment/surface/cut-spec.ts';
import type { Plane } from '../../experiment/result.ts';
import { ARMS, type Arm } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { INK } from '../charts/ink.ts';
import { useLab, useSlice } from '../context.ts';
import { duration } from '../remaining.ts';

const KINDS = [
  { value: 'points', label: 'Through three points' },
  { value: 'covariance', label: 'Top two covariance directions' },
  { value: 'variance', label: 'High and low variance' },
  { value: 'random', label: 'Two random directions' },
  { value: 'trajectory', label: 'A training path (PCA)' },
] as const;
type Kind = (typeof KINDS)[number]['value'];

const DIRECTIONS: Record<Exclude<Kind, 'points' | 'trajectory'>, readonly [DirectionSpec, DirectionSpec]> = {
  covariance: [{ kind: 'covariance', index: 0 }, { kind: 'covariance', index: 1 }],
  variance: [{ kind: 'covariance', index: 0 }, { kind: 'low-variance', draw: 0 }],
  random: [{ kind: 'random', draw: 0 }, { kind: 'random', draw: 1 }],
};

const RESOLUTIONS = [7, 21, 41, 101, 201];

interface CutChooserProps {
  plane: Plane;
  /** No run is on, so that a cut can be measured. */
  free: boolean;
}

export const CutChooser = memo(function CutChooser({ plane, free }: CutChooserProps) {
  const lab = useLab();
  const known = useSlice((state) => state.surface.points);
  const spec = useSlice((state) => state.surface.choice.plane) ?? plane.spec;
  const seed = useSlice((state) => state.surface.choice.seed) ?? plane.seed;
  const resolution = useSlice((state) => state.surface.choice.resolution) ?? plane.a.length;
  const names = known.find((one) => one.seed === seed)?.points ?? plane.points.flatMap(({ arm, name }): PointName[] => (arm ? [arm] : name === 'pre-trained' ? ['pre-trained'] : []));
  const arms = names.filter((name): name is Arm => ARMS.some((arm) => arm === name));
  const kind = kindOf(spec);
  const choose = (next: PlaneSpec) => lab.chooseSurface({ plane: next });
  const point = (label: string, value: PointName, onChoose: (name: PointName) => void, from: readonly PointName[] = names) => (
    <Select
      key={label} size="xs" style={flexible(130, 170)} label={label} allowDeselect={false} disabled={!free} value={value} comboboxProps={{ keepMounted: false }}
      data={[...new Set([...from, value])].map((name) => ({ value: name, label: pointLabel(name) }))}
      onChange={(chosen) => {
        const name = from.find((one) => one === chosen);
        if (name) onChoose(name);
      }}
    />
  );
  return (
    <Group gap="sm" align="flex-end" wrap="wrap">
      <Select
        size="xs" style={flexible(200, 240)} label="Plane" allowDeselect={false} disabled={!free} value={kind} data={[...KINDS]} comboboxProps={{ keepMounted: false }}
        onChange={(value) => {
          const wanted = KINDS.find((one) => one.value === value)?.value;
          if (wanted && wanted !== kind) choose(specOf(wanted, names, arms));
        }}
      />
      {spec.kind === 'points' && spec.points.map((name, i) => point(['From', 'to', 'and'][i]!, name, (chosen) => choose({ kind: 'points', points: replaced(spec.points, i, chosen) })))}
      {spec.kind === 'directions' && point('Around', spec.centre, (centre) => choose({ ...spec, centre }))}
      {spec.kind === 'trajectory' && point('Of', spec.arm, (name) => {
        const arm = arms.find((one) => one === name);
        if (arm) choose({ kind: 'trajectory', arm });
      }, arms)}
      {spec.kind === 'directions' && kind !== 'covariance' && (
        <Button size="xs" variant="default" disabled={!free} onClick={() => choose({ ...spec, directions: redrawn(spec.directions) })}>Draw again</Button>
      )}
      <Select
        size="xs" style={flexible(70, 80)} label="Seed" allowDeselect={false} disabled={!free} value={String(seed)} comboboxProps={{ keepMounted: false }}
        data={[...new Set([...known.map((one) => one.seed), seed])].sort((a, b) => a - b).map(String)} onChange={(value) => lab.chooseSurface({ seed: Number(value) })}
      />
      <Select
        size="xs" style={flexible(100, 110)} label="Points" allowDeselect={false} disabled={!free} value={String(resolution)} comboboxProps={{ keepMounted: false }}
        data={[...new Set([...RESOLUTIONS, resolution])].sort((a, b) => a - b).map((count) => ({ value: String(count), label: `${count} × ${count}` }))}
        onChange={(value) => lab.chooseSurface({ resolution: Number(value) })}
      />
    </Group>
  );
});

/** What is being measured, how long it takes, and a way to stop it; keeps its place while there is nothing. */
export const CutProgress = memo(function CutProgress({ plane }: { plane: Plane }) {
  const lab = useLab();
  const busy = useSlice((state) => state.surface.busy);
  const fault = useSlice((state) => state.surface.fault);
  const cutting = useSlice((state) => state.picture.cutting);
  const unfinished = useSlice((state) => state.surface.unfinished) === plane.key;
  const free = useSlice((state) => state.phase === 'idle' && state.picture.result !== null);
  const measured = plane.measured.reduce((sum, one) => sum + one, 0);
  const all = plane.measured.length;
  return (
    <Group gap="sm" mih={26} wrap="nowrap" aria-live="polite">
      {fault !== null && <Text size="xs" role="alert" fw={500} style={{ color: INK.worse }}>{fault}</Text>}
      {fault === null && busy !== null && (
        <>
          <Loader size={14} />
          <Text size="xs" style={{ fontVariantNumeric: 'tabular-nums' }}>{cutting?.label ?? 'Measuring'}{cutting?.secondsLeft != null ? ` · ${`${duration(cutting.secondsLeft)} left`}` : ''}</Text>
          <Progress value={cutting ? (100 * cutting.done) / cutting.total : 0} w={120} size="sm" aria-label="Progress of the cut" />
          <Button size="compact-xs" variant="default" onClick={() => lab.surface.stop()}>Stop</Button>
        </>
      )}
      {busy === null && unfinished && (
        <>
          <Text size="xs">{count(measured)} of {count(all)} points were measured before it stopped; between them the map is rough.</Text>
          <Button size="compact-xs" variant="default" disabled={!free} onClick={() => lab.surface.again()}>Measure it whole</Button>
        </>
      )}
      {fault === null && busy === null && !unfinished && (
        <Text size="xs" c={INK.muted}>
          {measured === all ? `All ${count(all)} points were measured` : `${count(measured)} of ${count(all)} points were measured, the rest interpolated where the maps hardly bend`}, each on {count(plane.rows.train)} training and {count(plane.rows.test)} test examples.
        </Text>
      )}
    </Group>
  );
});

/** Fills its row on a phone, keeps its size elsewhere. */
function flexible(least: number, most: number): { flex: string; maxWidth: number } {
  return { flex: `1 1 ${least}px`, maxWidth: most };
}

export function pointLabel(name: PointName): string {
  return name === 'pre-trained' ? 'Pre-trained' : name === 'mean + probe' ? 'Mean + probe head' : ARM_STYLE[name].label;
}

function kindOf(spec: PlaneSpec): Kind {
  if (spec.kind !== 'directions') return spec.kind;
  const [first, second] = spec.directions;
  return first.kind === 'random' || second.kind === 'random' ? 'random' : second.kind === 'low-variance' ? 'variance' : 'covariance';
}

function specOf(kind: Kind, names: readonly PointName[], arms: readonly Arm[]): PlaneSpec {
  const firstOf = <T extends PointName>(wanted: readonly T[], among: readonly T[]): T | undefined => wanted.find((name) => among.includes(name)) ?? among[0];
  const learned = firstOf(['low-rank', 'diagonal', 'layerwise', 'l2-sp', 'isotropic', 'none'] as const satisfies readonly Arm[] as readonly Arm[], arms);
  switch (kind) {
    case 'points': return { kind, points: ['pre-trained', 'none', learned ?? 'none'] };
    case 'trajectory': return { kind, arm: learned ?? 'none' };
    case 'covariance':
    case 'variance':
    case 'random': return { kind: 'directions', centre: names.includes('mean + probe') ? 'mean + probe' : 'pre-trained', directions: DIRECTIONS[kind] };
    default: return kind satisfies never;
  }
}

function replaced<T>(list: readonly [T, T, T], at: number, by: T): [T, T, T] {
  const [a, b, c] = list.map((one, i) => (i === at ? by : one)) as [T, T, T];
  return [a, b, c];
}

function redrawn([first, second]: readonly [DirectionSpec, DirectionSpec]): [DirectionSpec, DirectionSpec] {
  const next = (one: DirectionSpec): DirectionSpec => (one.kind === 'covariance' ? one : { ...one, draw: (one.draw + 2) % 1000 });
  return [next(first), next(second)];
}

function count(n: number): string {
  return n.toLocaleString('en-GB');
}
