/** Which maps are shown and what is drawn on them; flat or in three dimensions. */
import { Chip, Group, Menu, Button, NumberInput, SegmentedControl } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { memo } from 'react';
import { isSampler } from '../../experiment/inference/methods.ts';
import { useLab, useSlice } from '../context.ts';
import { QUANTITIES, QUANTITY_WORDS } from './quantities.ts';
import type { SurfaceChoice } from './view.ts';

interface ViewControlsProps {
  choice: SurfaceChoice;
  /** Paths may be asked for. */
  free: boolean;
}

export const ViewControls = memo(function ViewControls({ choice, free }: ViewControlsProps) {
  const lab = useLab();
  // There are samples to show where the settings name a method that draws some.
  const samples = useSlice((state) => isSampler(state.settings.config['sampling.method']));
  const { compare, quantities, solid, temperature } = choice;
  return (
    <Group gap="xs" wrap="wrap" justify="flex-start">
      <SegmentedControl
        size="xs" aria-label="Dimensions" value={solid ? '3d' : '2d'} data={[{ value: '2d', label: 'Maps' }, { value: '3d', label: '3-D' }]}
        onChange={(value) => lab.chooseSurface({ solid: value === '3d' })}
      />
      {!solid && (
        <SegmentedControl
          size="xs" aria-label="Compare" value={compare} data={[{ value: 'priors', label: 'Priors side by side' }, { value: 'quantities', label: 'Quantities' }]}
          onChange={(value) => lab.chooseSurface({ compare: value === 'priors' ? 'priors' : 'quantities' })}
        />
      )}
      {!solid && compare === 'quantities' && (
        <Menu closeOnItemClick={false} position="bottom-start" withinPortal>
          <Menu.Target><Button size="xs" variant="default" rightSection={<IconChevronDown size={14} />}>{quantities.length} map{quantities.length === 1 ? '' : 's'}</Button></Menu.Target>
          <Menu.Dropdown>
            {QUANTITIES.map((quantity) => {
              const on = quantities.includes(quantity);
              return (
                <Menu.Item
                  key={quantity} role="menuitemcheckbox" aria-checked={on} disabled={on && quantities.length === 1} leftSection={<span aria-hidden style={{ display: 'inline-block', width: 12 }}>{on ? '✓' : ''}</span>}
                  onClick={() => lab.chooseSurface({ quantities: on ? quantities.filter((one) => one !== quantity) : QUANTITIES.filter((one) => one === quantity || quantities.includes(one)) })}
                >
                  {QUANTITY_WORDS[quantity].label}
                </Menu.Item>
              );
            })}
          </Menu.Dropdown>
        </Menu>
      )}
      {!solid && compare === 'quantities' && quantities.includes('energy') && (
        <NumberInput
          size="xs" w={110} aria-label="Temperature T of the posterior energy" prefix="T = " value={temperature} min={1e-6} max={1000} step={0.1} allowNegative={false} clampBehavior="strict"
          onChange={(value) => {
            if (typeof value === 'number' && value > 0) lab.chooseSurface({ temperature: value });
          }}
        />
      )}
      <Group gap={6}>
        {!solid && compare === 'quantities' && <Toggle label="One colour scale" on={choice.sameColours} onChange={(sameColours) => lab.chooseSurface({ sameColours })} />}
        <Toggle label="Training paths" on={choice.trails} disabled={!free && !choice.trails} onChange={(trails) => lab.chooseSurface({ trails })} />
        {!solid && (samples || choice.samples) && <Toggle label="Posterior samples" on={choice.samples} disabled={!free && !choice.samples} onChange={(on) => lab.chooseSurface({ samples: on })} />}
        {!solid && <Toggle label="Prior 1σ 2σ" on={choice.ellipses} onChange={(ellipses) => lab.chooseSurface({ ellipses })} />}
      </Group>
    </Group>
  );
});

function Toggle({ label, on, disabled = false, onChange }: { label: string; on: boolean; disabled?: boolean; onChange: (on: boolean) => void }) {
  return <Chip size="xs" variant="light" checked={on} disabled={disabled} onChange={onChange}>{label}</Chip>;
}
