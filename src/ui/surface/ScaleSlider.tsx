/** The prior of the objective: which family, and λ on its ladder with the tuned value marked. Moves nothing but numbers already here. */
import { ActionIcon, Group, Select, Slider, Text, Tooltip } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { scientific, settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';

interface ScaleSliderProps {
  families: readonly Family[];
  family: Family;
  onFamily: (family: Family) => void;
  /** Ascending. */
  scales: readonly number[];
  scale: number;
  chosen: number;
  onScale: (scale: number) => void;
}

export function ScaleSlider({ families, family, onFamily, scales, scale, chosen, onScale }: ScaleSliderProps) {
  const decades = scales.flatMap((rung, value) => (Number.isInteger(Math.log10(rung)) ? [{ value, label: scientific(rung, 0) }] : []));
  const moved = scale !== chosen;
  return (
    <Group gap="lg" wrap="wrap" align="flex-start">
      <Select
        label="Prior in the objective" size="xs" w={190} allowDeselect={false} value={family}
        data={families.map((value) => ({ value, label: ARM_STYLE[value].label }))}
        onChange={(value) => {
          const found = families.find((candidate) => candidate === value);
          if (found) onFamily(found);
        }}
      />
      <div style={{ flex: '1 1 260px', maxWidth: 720, paddingBottom: 14 }}>
        <Group justify="space-between" gap="xs" wrap="nowrap" mih={24}>
          <Text size="xs" fw={500} style={{ fontVariantNumeric: 'tabular-nums' }}>
            Scale λ = {settingText(scale)}
            <Text span size="xs" c={INK.muted}>{moved ? `  (tuned: ${settingText(chosen)})` : '  (tuned by validation NLL)'}</Text>
          </Text>
          <Tooltip label="Back to the tuned λ">
            <ActionIcon size="sm" variant="subtle" color="gray" aria-label="Back to the tuned λ" disabled={!moved} onClick={() => onScale(chosen)}>
              <IconArrowBackUp size={15} />
            </ActionIcon>
          </Tooltip>
        </Group>
        <Slider
          size="sm" min={0} max={scales.length - 1} step={1} value={Math.max(0, scales.indexOf(scale))} label={null}
          marks={[...decades, { value: scales.indexOf(chosen) }]}
          thumbLabel="Scale λ of the prior"
          thumbValueText={`λ = ${settingText(scale)}`}
          onChange={(index) => onScale(scales[index]!)}
          styles={{ markLabel: { fontSize: 11, color: INK.muted, marginTop: 2 } }}
        />
      </div>
    </Group>
  );
}
