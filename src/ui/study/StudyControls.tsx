/** What a study varies: the setting and its values, with chips for those most worth trying; stop rules are folded away. */
import { Chip, Group, NativeSelect } from '@mantine/core';
import { memo, type ReactNode, useId, useState } from 'react';
import { axesFor, proposedValues } from '../../experiment/study/axis.ts';
import type { SettingKey } from '../../experiment/config/settings.ts';
import { SETTINGS } from '../../experiment/config/settings.ts';
import { useLab, useSlice } from '../context.ts';
import { settingText } from '../charts/format.ts';
import { Field } from '../settings/Field.tsx';
import './study.css';

const SIZES = [5, 10, 30, 100, 300, 1000] as const;
const RULES = ['study.minutes', 'study.halfWidth', 'study.mostSeeds', 'study.halving'] as const satisfies readonly SettingKey[];

export const StudyControls = memo(function StudyControls({ action }: { action: ReactNode }) {
  const id = useId();
  const lab = useLab();
  const config = useSlice((state) => state.settings.config);
  const axes = axesFor(config);
  const axis = axes.find((key) => key === config['study.axis']) ?? null;
  const values = config['study.values'];
  const offered = axis === 'downstream.n' ? [...SIZES] : axis ? proposedValues(config, axis) : [];
  const chips = [...new Set([...offered, ...values])].sort((a, b) => a - b);
  const toggle = (value: number) => {
    const next = values.includes(value) ? values.filter((one) => one !== value) : [...values, value].sort((a, b) => a - b);
    if (next.length > 0) lab.edit({ 'study.values': next });
  };
  const choose = (key: string) => {
    const chosen = axes.find((one) => one === key);
    if (chosen) lab.edit({ 'study.axis': chosen, 'study.values': proposedValues(config, chosen) });
  };
  return (
    <div className="study-controls">
      <div className="field">
        <span className="field-label"><label htmlFor={id}>Vary</label></span>
        <NativeSelect
          id={id} size="xs" value={axis ?? ''} onChange={(event) => choose(event.currentTarget.value)}
          data={[...(axis ? [] : [{ value: '', label: config['study.axis'] }]), ...axes.map((key) => ({ value: key, label: key === 'grid.scales' ? 'λ' : `${SETTINGS[key].label}${labelled(axes, key) ? '' : ` (${key})`}` }))]}
        />
      </div>
      <div className="field study-values">
        <span className="field-label"><span id={`${id}-values`}>At</span></span>
        <Group gap={6} role="group" aria-labelledby={`${id}-values`}>
          {chips.map((value) => <Chip key={value} size="xs" checked={values.includes(value)} onChange={() => toggle(value)}>{axis === 'downstream.n' && value === 0 ? 'all' : settingText(value)}</Chip>)}
        </Group>
      </div>
      <Field setting="study.values" />
      {action}
    </div>
  );
});

/** No other axis has this label. */
function labelled(axes: readonly SettingKey[], key: SettingKey): boolean {
  return axes.filter((one) => SETTINGS[one].label === SETTINGS[key].label).length === 1;
}

export const StudyFold = memo(function StudyFold() {
  const changed = useSlice((state) => RULES.filter((key) => key in state.settings.edits).length);
  const faulty = useSlice((state) => RULES.some((key) => key in state.settings.faults));
  const [unfolded, setUnfolded] = useState(false);
  const open = unfolded || faulty;
  return (
    <details className="more-settings" open={open} onToggle={(event) => setUnfolded(event.currentTarget.open)}>
      <summary>When to stop{changed > 0 && <span className="changed">{changed} changed</span>}</summary>
      {open && <div className="more-fields">{RULES.map((key) => <Field key={key} setting={key} />)}</div>}
    </details>
  );
});
