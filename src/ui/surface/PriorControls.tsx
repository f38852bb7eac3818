/**
 * The controls of the prior in the objective: family, λ (with a sweep from loose to tight), rank K and floor ε. What they
 * move is closed-form; nothing here asks the worker for anything but a rank it has not told yet.
 */
import { ActionIcon, Button, Group, Select, Slider, Text, Tooltip } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { type ReactNode, useCallback, useEffect, useRef, useState } from 'react';
import type { SectionPrior } from '../../experiment/result.ts';
import type { Family } from '../../prior/prior.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { settingText } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { priorAt, type PriorSetting, scaleOf } from './objective.ts';
import styles from './surface.module.css';

interface PriorControlsProps {
  priors: readonly SectionPrior[];
  family: Family;
  onFamily: (family: Family) => void;
  setting: PriorSetting;
  /** ε of the run. */
  tunedFloor: number;
  /** While a control moves, many times a second; `begun` on the first of them. */
  onMove: (setting: PriorSetting, begun: boolean) => void;
  onSettle: (setting: PriorSetting) => void;
  /** The surface before the last move is drawn too. */
  ghost: boolean;
  onForgetGhost: () => void;
}

/** Decades of λ either side of the tuned one. */
const REACH = 4;
const STEPS = 20;
/** ε of the slider's positions; the first is none. */
const FLOORS = [0, ...Array.from({ length: 37 }, (_, i) => Number((10 ** (-9 + i / 4)).toPrecision(2)))];
/** Of a sweep, in ms and in steps for those who want no motion. */
const SWEEP = 6000;
const STILLS = 9;

export function PriorControls({ priors, family, onFamily, setting, tunedFloor, onMove, onSettle, ghost, onForgetGhost }: PriorControlsProps) {
  const prior = priorAt(priors, family, setting.rank);
  const full = priorAt(priors, family, null);
  const moving = useRef(false);
  const move = useCallback((next: PriorSetting) => {
    onMove(next, !moving.current);
    moving.current = true;
  }, [onMove]);
  const settle = useCallback((next: PriorSetting) => {
    moving.current = false;
    onSettle(next);
  }, [onSettle]);
  const { playing, toggle } = useSweep(setting, move, settle);
  const families = [...new Set(priors.map((one) => one.family))];
  if (!prior || !full) return null;
  const { factor, floor } = setting;
  const tuned = { factor: 1, floor: tunedFloor, rank: null };
  const moved = factor !== 1 || floor !== tunedFloor || (setting.rank !== null && setting.rank < full.rank);
  const floorIndex = FLOORS.reduce((best, one, i) => (Math.abs(one - floor) < Math.abs(FLOORS[best]! - floor) ? i : best), 0);
  return (
    <div className={styles.controls}>
      <Select
        label="Prior" size="xs" w={140} allowDeselect={false} value={family} comboboxProps={{ keepMounted: false }}
        data={families.map((value) => ({ value, label: ARM_STYLE[value].label }))}
        onChange={(value) => {
          const found = families.find((candidate) => candidate === value);
          if (found) onFamily(found);
        }}
      />
      <div className={styles.scale}>
        <Reading label={`Scale λ = ${settingText(scaleOf(prior, setting))}`} note={factor === 1 ? 'as tuned' : `tuned × ${settingText(factor)}`} />
        <Group gap={8} wrap="nowrap" align="flex-start">
          <Tooltip label={playing ? 'Stop' : 'Sweep λ from loose to tight'}>
            <ActionIcon size="md" variant="default" aria-label={playing ? 'Stop the sweep' : 'Sweep λ from loose to tight'} onClick={toggle} mt={-7}>
              {playing ? <IconPlayerStop size={15} /> : <IconPlayerPlay size={15} />}
            </ActionIcon>
          </Tooltip>
          <Slider
            style={{ flex: 1 }} size="sm" min={-REACH * STEPS} max={REACH * STEPS} step={1} value={Math.round(STEPS * Math.log10(factor))} label={null} disabled={playing}
            marks={[-3, 0, 3].map((decade) => ({ value: decade * STEPS, label: decade === 0 ? 'tuned' : decade < 0 ? 'tight' : 'loose' }))}
            thumbLabel="Scale λ of the prior" thumbValueText={`λ = ${settingText(scaleOf(prior, setting))}`}
            onChange={(value) => move({ ...setting, factor: factorOf(value / STEPS) })} onChangeEnd={(value) => settle({ ...setting, factor: factorOf(value / STEPS) })}
            styles={{ markLabel: { fontSize: 11, color: INK.muted, marginTop: 2 } }}
          />
        </Group>
      </div>
      <div className={styles.small}>
        <Reading label={full.rank > 0 ? `Rank K = ${Math.min(setting.rank ?? full.rank, full.rank)}` : 'Rank K'} note={full.rank > 0 ? `of ${full.rank}` : 'this prior has no factor'} />
        <Slider
          size="sm" min={0} max={Math.max(1, full.rank)} step={1} value={full.rank > 0 ? Math.min(setting.rank ?? full.rank, full.rank) : 0} label={null} disabled={full.rank === 0 || playing}
          thumbLabel="Rank K of the low-rank prior" onChange={(rank) => move({ ...setting, rank: rank === full.rank ? null : rank })} onChangeEnd={(rank) => settle({ ...setting, rank: rank === full.rank ? null : rank })}
        />
      </div>
      <div className={styles.small}>
        <Reading label={`Floor ε = ${settingText(floor)}`} note={floor === tunedFloor ? 'as in the run' : 'added variance'} />
        <Slider
          size="sm" min={0} max={FLOORS.length - 1} step={1} value={floorIndex} label={null} disabled={playing} thumbLabel="Floor ε of the prior" thumbValueText={`ε = ${settingText(floor)}`}
          onChange={(index) => move({ ...setting, floor: FLOORS[index]! })} onChangeEnd={(index) => settle({ ...setting, floor: FLOORS[index]! })}
        />
      </div>
      <Group gap={6} wrap="nowrap" className={styles.reset}>
        <Button size="compact-xs" variant="default" disabled={!moved} onClick={() => { move(tuned); settle(tuned); }}>As tuned</Button>
        <Button size="compact-xs" variant="default" disabled={!ghost} onClick={onForgetGhost}>Forget ghost</Button>
      </Group>
    </div>
  );
}

function Reading({ label, note }: { label: ReactNode; note: string }) {
  return <Text size="xs" fw={500} mb={8} style={{ fontVariantNumeric: 'tabular-nums', whiteSpace: 'nowrap' }}>{label}<Text span size="xs" c={INK.muted} fw={400}>{`  (${note})`}</Text></Text>;
}

function factorOf(decades: number): number {
  return decades === 0 ? 1 : Number((10 ** decades).toPrecision(3));
}

/** λ from a thousand times the tuned one to a thousandth, then back to where it was. */
function useSweep(setting: PriorSetting, move: (setting: PriorSetting) => void, settle: (setting: PriorSetting) => void): { playing: boolean; toggle: () => void } {
  const [playing, setPlaying] = useState(false);
  const still = useReducedMotion();
  const at = useRef(setting);
  useEffect(() => {
    if (!playing) at.current = setting;
  }, [playing, setting]);
  useEffect(() => {
    if (!playing) return undefined;
    const before = at.current;
    const start = performance.now();
    let frame = 0;
    const tick = (now: number) => {
      const share = (now - start) / SWEEP;
      if (share >= 1) {
        setPlaying(false);
        return;
      }
      const shown = still ? Math.floor(share * STILLS) / (STILLS - 1) : share;
      move({ ...before, factor: factorOf(3 - 6 * shown) });
      frame = requestAnimationFrame(tick);
    };
    frame = requestAnimationFrame(tick);
    return () => {
      cancelAnimationFrame(frame);
      settle(before);
    };
  }, [playing, still, move, settle]);
  return { playing, toggle: () => setPlaying((on) => !on) };
}
