/** The network at the point that was picked: its losses, and what it says of some test images. */
import { ActionIcon, Group, Text } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { memo, useMemo } from 'react';
import type { Inspection } from '../../experiment/surface/inspect.ts';
import { fixed, reading } from '../charts/format.ts';
import { INK } from '../charts/ink.ts';
import { TileCanvas } from '../data/TileCanvas.tsx';
import { tilesOf } from '../data/tiles.ts';
import styles from './surface.module.css';

interface InspectorProps {
  picked: { a: number; b: number };
  inspection: Inspection | null;
  onClose: () => void;
}

export const Inspector = memo(function Inspector({ picked, inspection, onClose }: InspectorProps) {
  return (
    <section className={styles.inspector} aria-label="The network at the picked point">
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Text size="sm" fw={600}>The network at a = {fixed(picked.a, 2)}, b = {fixed(picked.b, 2)}</Text>
        <ActionIcon variant="subtle" color="gray" size="sm" aria-label="Close" onClick={onClose}><IconX size={15} /></ActionIcon>
      </Group>
      {!inspection && <Text size="xs" c={INK.muted} mih={96}>Asking the network…</Text>}
      {inspection && <Answer inspection={inspection} />}
    </section>
  );
});

function Answer({ inspection }: { inspection: Inspection }) {
  const { losses, images, classNames, strip } = inspection;
  const tiles = useMemo(() => tilesOf(strip), [strip]);
  const wrong = images.filter(({ label, guess }) => label !== guess).length;
  return (
    <>
      <Text size="xs" mb={8} style={{ fontVariantNumeric: 'tabular-nums' }}>
        Train NLL {reading(losses.trainNll)}, accuracy {percent(losses.trainAccuracy)}; test NLL {reading(losses.testNll)}, accuracy {percent(losses.testAccuracy)}.{images.length > 0 && ` Of these ${images.length} test images it names ${images.length - wrong} rightly.`}
      </Text>
      <ul className={styles.images}>
        {images.map(({ label, guess, probabilities }, i) => {
          const name = guess < 0 ? 'not finite' : classNames[guess]!;
          const sure = guess < 0 ? '' : percent(probabilities[guess]!);
          const right = guess === label;
          return (
            <li key={i} className={right ? '' : styles.wrong} title={probabilities.map((p, c) => `${classNames[c]!}: ${percent(p)}`).join('\n')}>
              <TileCanvas pixels={tiles[i] ?? null} className={styles.tile!} />
              <span><b>{name}</b> {sure}</span>
              <small>{right ? 'right' : `is ${classNames[label]!}, ${percent(probabilities[label]!)}`}</small>
            </li>
          );
        })}
      </ul>
    </>
  );
}

function percent(share: number): string {
  return Number.isFinite(share) ? `${fixed(100 * share, 0)}%` : '–';
}
