/** On what the lab computes, and why; another backend can be chosen. */
import { NativeSelect, Popover, UnstyledButton } from '@mantine/core';
import { useLab, useSlice } from '../context.ts';
import type { BackendChoice } from '../../worker/protocol.ts';
import { deviceWords } from './words.ts';

const BACKENDS: { value: BackendChoice; label: string }[] = [
  { value: 'auto', label: 'the fastest (automatic)' },
  { value: 'webgpu', label: 'WebGPU' },
  { value: 'webgl', label: 'WebGL' },
  { value: 'wasm', label: 'WebAssembly' },
  { value: 'cpu', label: 'plain JavaScript' },
];

export function DeviceBadge() {
  const lab = useLab();
  const device = useSlice((state) => state.device);
  const backend = useSlice((state) => state.backend);
  const idle = useSlice((state) => state.phase === 'idle');
  const words = device.state === 'open' ? deviceWords(device.info) : device.state === 'opening' ? 'Starting…' : 'No engine';
  return (
    <Popover width={340} position="bottom-end" shadow="md" withArrow trapFocus returnFocus>
      <Popover.Target>
        <UnstyledButton className="device" data-state={device.state} aria-label={`Device: ${words}`}>
          <span className="device-dot" aria-hidden="true" /><span className="device-words">{words}</span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className="explain" aria-label="About the device">
        <p>{device.state === 'open' ? (device.note ?? 'The lab computes on this device.') : device.state === 'failed' ? device.sentence : 'The lab is looking for the fastest way to compute here.'}</p>
        {device.state === 'open' && (
          <dl className="facts">
            <dt>Backend</dt><dd>{device.info.backend}{device.info.software ? ' (software adapter)' : ''}</dd>
            <dt>Engine</dt><dd>{device.info.engine}</dd>
            <dt>Workers</dt><dd>{device.info.workers}</dd>
          </dl>
        )}
        <NativeSelect
          size="xs" label="Compute on" value={backend} data={BACKENDS} disabled={!idle}
          description="Another choice starts the lab again; pictures stay, the next run computes anew."
          onChange={(event) => {
            const choice = BACKENDS.find(({ value }) => value === event.currentTarget.value);
            if (choice) void lab.restart(false, choice.value);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
