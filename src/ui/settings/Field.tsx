/**
 * One setting as a field, whatever its kind: label, unit, help, what the preset has, and a way back to it. What is typed
 * goes to the store as it is; whether it fits is decided there and the sentence comes back.
 */
import { Checkbox, Group, NativeSelect, TextInput, UnstyledButton } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { memo, useId, useMemo, useState } from 'react';
import { defaults, TOY } from '../../experiment/config/config.ts';
import type { Setting } from '../../experiment/config/setting-kinds.ts';
import { SETTINGS, type SettingKey } from '../../experiment/config/settings.ts';
import type { Arm } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { useLab, useSlice } from '../context.ts';
import { asNumber } from '../link.ts';
import { METHOD_LABEL } from '../inference/predictors.ts';
import { figure } from './edit.ts';
import { NETWORK_LABEL } from './network.ts';

export const Field = memo(function Field({ setting: key, disabled = false }: { setting: SettingKey; disabled?: boolean }) {
  const lab = useLab();
  const id = useId();
  // The toy's data are points.
  const points = useSlice(({ settings: { config } }) => config['source.data'] === TOY);
  const setting = useMemo(() => (points ? ofPoints(SETTINGS[key]) : SETTINGS[key]), [key, points]);
  const raw = useSlice((state) => (key in state.settings.edits ? state.settings.edits[key] : state.settings.config[key]));
  const changed = useSlice((state) => key in state.settings.edits);
  const fault = useSlice((state) => state.settings.faults[key] ?? null);
  const preset = useSlice((state) => state.settings.preset);
  const standard = shownValue(setting, defaults(preset)[key]) || 'all';
  const edit = (value: unknown) => lab.edit({ [key]: value });

  const label = (
    <span className="field-label" title={setting.help}>
      <label htmlFor={setting.kind === 'choices' ? undefined : id} id={`${id}-label`}>{setting.label}</label>
      {changed && (
        <UnstyledButton className="field-reset" onClick={() => lab.reset([key])} aria-label={`Set ${setting.label} back to ${standard}`} title={`Back to ${standard}`}>
          <IconArrowBackUp size={13} aria-hidden /><span>{standard}</span>
        </UnstyledButton>
      )}
    </span>
  );
  const common = { id, disabled, error: fault !== null, size: 'xs' as const, 'aria-describedby': `${id}-help` };
  const input = () => {
    switch (setting.kind) {
      case 'choice':
        return <NativeSelect {...common} value={String(raw)} data={setting.options.map((value) => ({ value, label: CHOICE_WORDS[value] ?? value }))} onChange={(event) => edit(event.currentTarget.value)} />;
      case 'choices':
        return <Choices labelledBy={`${id}-label`} options={setting.options} value={Array.isArray(raw) ? raw.map(String) : []} disabled={disabled} onChange={edit} />;
      case 'integer':
      case 'number':
        return <Typed {...common} shown={shownValue(setting, raw)} unit={setting.unit} inputMode="decimal" onText={(text) => edit(asNumber(text.replaceAll(',', '')))} />;
      case 'numbers':
        return <Typed {...common} shown={shownValue(setting, raw)} unit={setting.unit} onText={(text) => edit(text.split(',').map(asNumber))} />;
      case 'names':
        return <Typed {...common} shown={shownValue(setting, raw)} placeholder="all" onText={(text) => edit(text.trim() === '' ? [] : text.split(',').map((name) => name.trim()))} />;
      case 'text':
        return <Typed {...common} shown={shownValue(setting, raw)} onText={edit} />;
      default: return setting satisfies never;
    }
  };
  return (
    <div className={`field field-${setting.kind}`} data-changed={changed || undefined}>
      {label}
      {input()}
      <p id={`${id}-help`} className={fault ? 'field-fault' : 'field-help'} role={fault ? 'alert' : undefined}>{fault ?? setting.help}</p>
    </div>
  );
});

const inPoints = (words: string): string => words.replaceAll('images', 'points').replaceAll('Images', 'Points').replaceAll('image', 'point');

/** A setting in the words of points instead of images. */
function ofPoints(setting: Setting): Setting {
  const words = { ...setting, label: inPoints(setting.label), help: inPoints(setting.help) };
  return 'unit' in words && words.unit !== undefined ? { ...words, unit: inPoints(words.unit) } : words;
}

/** Words for choices whose own names are terse. */
const CHOICE_WORDS: Record<string, string> = {
  ...NETWORK_LABEL, none: 'none', 'low-contrast': 'low contrast', disjoint: 'typefaces of their own', training: 'the training typefaces',
  tested: 'the corruption under test', whole: 'the whole posterior', mean: 'its mean alone', variances: 'its layer variances alone', permuted: 'permuted (placebo)',
  source: 'the source’s classes', fisher: 'Fisher (diagonal)', shared: 'from one trained network', independent: 'from initialisations of their own',
  single: 'one for all', validation: 'one a layer, by validation', evidence: 'one a layer, by evidence', prior: 'by the prior’s variance', ...METHOD_LABEL,
};

interface TypedProps {
  id: string;
  size: 'xs';
  disabled: boolean;
  error: boolean;
  'aria-describedby': string;
  shown: string;
  unit?: string;
  placeholder?: string;
  inputMode?: 'decimal';
  onText(text: string): void;
}

/** A text field that keeps what is being typed, and shows the store's value when it is left. */
function Typed({ shown, unit, onText, ...input }: TypedProps) {
  const [typing, setTyping] = useState<string | null>(null);
  return (
    <TextInput
      {...input}
      value={typing ?? shown}
      autoComplete="off"
      spellCheck={false}
      {...(unit ? { rightSection: <span className="unit">{unit}</span>, rightSectionWidth: 14 + 7 * unit.length, rightSectionPointerEvents: 'none' as const } : {})}
      onChange={(event) => {
        setTyping(event.currentTarget.value);
        onText(event.currentTarget.value);
      }}
      onBlur={() => setTyping(null)}
    />
  );
}

function Choices({ labelledBy, options, value, disabled, onChange }: { labelledBy: string; options: readonly string[]; value: string[]; disabled: boolean; onChange(value: string[]): void }) {
  return (
    <Group gap="xs" role="group" aria-labelledby={labelledBy}>
      {options.map((option) => (
        <Checkbox
          key={option} size="xs" disabled={disabled} checked={value.includes(option)} label={ARM_STYLE[option as Arm]?.label ?? option}
          onChange={(event) => onChange(options.filter((one) => (one === option ? event.currentTarget.checked : value.includes(one))))}
        />
      ))}
    </Group>
  );
}

export function shownValue(setting: Setting, value: unknown): string {
  if (Array.isArray(value)) {
    if (setting.kind === 'choices') {
      const missing = setting.options.filter((option) => !value.includes(option));
      if (missing.length === 0) return 'all';
      return missing.length === 1 && value.length > 3 ? `all but ${missing[0]!}` : value.join(', ');
    }
    if (setting.kind === 'names' && value.length === 0) return '';
    return value.map((item) => (typeof item === 'number' ? plain(item) : String(item))).join(', ');
  }
  return typeof value === 'number' ? plain(value) : String(value);
}

/** As `figure`, but without thousands separators, which would read as a list. */
function plain(value: number): string {
  return Math.abs(value) >= 1000 && Math.abs(value) < 1e6 ? String(value) : figure(value);
}
