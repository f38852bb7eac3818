/** Name, preset and seeds: the choices about a whole experiment. */
import { Select, TextInput, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { PRESET_WORDS, type PresetName, presetNames } from '../../experiment/config/presets.ts';
import { SETTINGS } from '../../experiment/config/settings.ts';
import { useLab, useSlice } from '../context.ts';
import { asNumber } from '../link.ts';

export function ExperimentName() {
  const lab = useLab();
  const name = useSlice((state) => String(state.settings.edits['name'] ?? state.settings.config['name']));
  const fault = useSlice((state) => state.settings.faults['name'] ?? null);
  return (
    <TextInput
      className="experiment-name" variant="unstyled" size="sm" value={name} error={fault !== null} aria-label={SETTINGS.name.label} title={fault ?? SETTINGS.name.help}
      autoComplete="off" spellCheck={false} onChange={(event) => lab.edit({ name: event.currentTarget.value })}
    />
  );
}

export function PresetSelect() {
  const lab = useLab();
  const preset = useSlice((state) => state.settings.preset);
  return (
    <Select
      className="preset" size="sm" aria-label="Preset" allowDeselect={false} value={preset} data={[...presetNames]} comboboxProps={{ width: 330, position: 'bottom-start' }}
      leftSection={<span className="inline-label">Preset</span>} leftSectionWidth={58} leftSectionPointerEvents="none"
      onChange={(value) => {
        if (value !== null) lab.choosePreset(value as PresetName);
      }}
      renderOption={({ option }) => (
        <div className="preset-option"><strong>{option.value}</strong><span>{PRESET_WORDS[option.value as PresetName]}</span></div>
      )}
    />
  );
}

export function SeedsField() {
  const lab = useLab();
  const [typing, setTyping] = useState<string | null>(null);
  const seeds = useSlice((state) => String(state.settings.edits['seeds'] ?? state.settings.config['seeds']));
  const fault = useSlice((state) => state.settings.faults['seeds'] ?? null);
  return (
    <Tooltip label={fault ?? SETTINGS.seeds.help} multiline w={260}>
      <TextInput
        className="seeds" size="sm" inputMode="numeric" aria-label={SETTINGS.seeds.label} value={typing ?? seeds} error={fault !== null} autoComplete="off"
        leftSection={<span className="inline-label">Seeds</span>} leftSectionWidth={54} leftSectionPointerEvents="none"
        onChange={(event) => {
          setTyping(event.currentTarget.value);
          lab.edit({ seeds: asNumber(event.currentTarget.value) });
        }}
        onBlur={() => setTyping(null)}
      />
    </Tooltip>
  );
}
