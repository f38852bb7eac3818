/** A line of the visitor's own: between two points, or through every arm's solution along one direction. Measured for all seeds. */
import { Button, Group, Popover, SegmentedControl, Select, Stack } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { memo, useState } from 'react';
import type { DirectionSpec, LineSpec, PointName } from '../../experiment/surface/cut-spec.ts';
import { ARMS, type Arm } from '../../prior/prior.ts';
import { useLab, useSlice } from '../context.ts';
import { pointLabel } from './CutChooser.tsx';

const DIRECTIONS = {
  covariance: { label: 'Top covariance direction', spec: { kind: 'covariance', index: 0 } },
  second: { label: 'Second covariance direction', spec: { kind: 'covariance', index: 1 } },
  low: { label: 'Low-variance direction', spec: { kind: 'low-variance', draw: 0 } },
  random: { label: 'Random direction', spec: { kind: 'random', draw: 0 } },
} as const satisfies Record<string, { label: string; spec: DirectionSpec }>;
type DirectionName = keyof typeof DIRECTIONS;

export const LineChooser = memo(function LineChooser({ free }: { free: boolean }) {
  const lab = useLab();
  const names = useSlice((state) => state.surface.points)[0]?.points ?? NONE;
  const [opened, setOpened] = useState(false);
  const [kind, setKind] = useState<'between' | 'basin'>('between');
  const [ends, setEnds] = useState<[PointName, PointName]>(['pre-trained', 'none']);
  const [direction, setDirection] = useState<DirectionName>('covariance');
  const arms = names.filter((name): name is Arm => ARMS.some((arm) => arm === name));
  const spec: LineSpec = kind === 'between' ? { kind, from: ends[0], to: ends[1] } : { kind, direction: DIRECTIONS[direction].spec, arms };
  const select = (label: string, i: 0 | 1) => (
    <Select
      size="xs" label={label} allowDeselect={false} value={ends[i]} data={names.map((name) => ({ value: name, label: pointLabel(name) }))} comboboxProps={{ withinPortal: false }}
      onChange={(value) => {
        const name = names.find((one) => one === value);
        if (name) setEnds(i === 0 ? [name, ends[1]] : [ends[0], name]);
      }}
    />
  );
  const impossible = kind === 'between' && ends[0] === ends[1];
  return (
    <Popover opened={opened} onChange={setOpened} position="bottom-end" withinPortal trapFocus shadow="md" width={280}>
      <Popover.Target>
        <Button size="xs" variant="default" disabled={!free || names.length === 0} leftSection={<IconPlus size={13} />} onClick={() => setOpened(!opened)}>Cut</Button>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="xs">
          <SegmentedControl size="xs" fullWidth aria-label="Kind of cut" value={kind} onChange={(value) => setKind(value === 'basin' ? 'basin' : 'between')} data={[{ value: 'between', label: 'Between points' }, { value: 'basin', label: 'Basin plot' }]} />
          {kind === 'between'
            ? <>{select('From', 0)}{select('To', 1)}</>
            : (
              <Select
                size="xs" label="Along" description="Through every arm’s own solution" allowDeselect={false} value={direction} comboboxProps={{ withinPortal: false }}
                data={Object.entries(DIRECTIONS).map(([value, { label }]) => ({ value, label }))}
                onChange={(value) => {
                  if (value !== null && value in DIRECTIONS) setDirection(value as DirectionName);
                }}
              />
            )}
          <Group justify="flex-end">
            <Button
              size="xs" disabled={impossible}
              onClick={() => {
                setOpened(false);
                lab.chooseSurface({ line: spec });
              }}
            >
              {impossible ? 'Choose two different points' : 'Measure for every seed'}
            </Button>
          </Group>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
});

const NONE: readonly PointName[] = [];
