/** The map of the embedding: by principal components, at once, or by UMAP, when it is asked for; of the source or of the random encoder. */
import { Button, Progress, SegmentedControl, UnstyledButton } from '@mantine/core';
import { memo, useMemo, useState } from 'react';
import type { Embedding, Encoder } from '../../experiment/embedding/embedding-result.ts';
import type { CsvValue } from '../../storage/exports.ts';
import { Figure } from '../charts/Figure.tsx';
import { INK } from '../charts/ink.ts';
import { Marker } from '../charts/marks.tsx';
import { useLab, useSlice } from '../context.ts';
import { useAnswer } from '../data/look/useAnswer.ts';
import { type Tile, tileAt } from '../data/tiles.ts';
import { percent } from '../figures.ts';
import { classMarks, type ClassMark } from './class-marks.ts';
import styles from './embedding.module.css';
import { HEIGHT, Scatter } from './Scatter.tsx';
import { type Unfolding, useUnfolding } from './useUnfolding.ts';

const ENCODER_WORDS: Record<Encoder, string> = { source: 'this source', random: 'random encoder' };

const isEncoder = (value: string): value is Encoder => value === 'source' || value === 'random';

/** Names each embedding that was drawn, so that its images are asked for once. */
const names = new WeakMap<Embedding, number>();
let named = 0;

function nameOf(embedding: Embedding): number {
  const name = names.get(embedding) ?? ++named;
  names.set(embedding, name);
  return name;
}

export const EmbeddingMap = memo(function EmbeddingMap({ embedding }: { embedding: Embedding }) {
  const lab = useLab();
  const { map, classNames } = embedding;
  const [encoder, setEncoder] = useState<Encoder>('source');
  const [method, setMethod] = useState<'pca' | 'umap'>('pca');
  const [lifted, setLifted] = useState<number | null>(null);
  const [held, setHeld] = useState<number | null>(null);
  const { unfolding, start, stop } = useUnfolding(embedding, encoder);
  const images = useAnswer(`embedding ${nameOf(embedding)}`, async () => ({ sheet: await lab.looking.embeddingTiles(map.rows) }));
  const marks = useMemo(() => classMarks(classNames), [classNames]);
  const tile = useMemo(() => {
    const sheet = images.state === 'done' ? images.value.sheet : null;
    return (index: number): Tile | null => sheet && tileAt(sheet, { width: Math.round((sheet.width + 1) / sheet.columns) - 1, height: sheet.height }, 0, index);
  }, [images]);
  const { points, shares } = map.planes[encoder];
  const shown = method === 'pca' ? points : unfolding.at === 'done' ? unfolding.points : null;
  const there = useMemo(() => marks.flatMap((_, c) => (map.labels.includes(c) ? [c] : [])), [marks, map.labels]);
  const axes: [string, string] = method === 'pca' ? [`First component (${percent(shares[0])} of the variance)`, `Second (${percent(shares[1])})`] : ['UMAP 1', 'UMAP 2'];
  return (
    <Figure
      title={`Map of the features, ${ENCODER_WORDS[encoder]}`} name={`embedding-${encoder}-${method}`} csv={() => mapCsv(embedding, method, shown)}
      controls={(
        <>
          <SegmentedControl size="xs" aria-label="Encoder of the map" value={encoder} onChange={(value) => isEncoder(value) && setEncoder(value)} data={[{ value: 'source', label: 'Source' }, { value: 'random', label: 'Random' }]} />
          <SegmentedControl size="xs" aria-label="Projection" value={method} onChange={(value) => setMethod(value === 'umap' ? 'umap' : 'pca')} data={[{ value: 'pca', label: 'PCA' }, { value: 'umap', label: 'UMAP' }]} />
        </>
      )}
    >
      {shown
        ? <Scatter label={`${map.labels.length} test examples, ${method === 'pca' ? 'first two principal components' : 'UMAP'}`} axes={axes} ticks={method === 'pca'} points={shown} labels={map.labels} classNames={classNames} marks={marks} lifted={lifted ?? held} rows={map.rows} tile={tile} />
        : <Ask unfolding={unfolding} count={map.labels.length} start={start} stop={stop} />}
      <ul className={styles.legend} aria-label="Classes on the map">
        {there.map((c) => (
          <li key={c}>
            <UnstyledButton aria-pressed={held === c} title={held === c ? 'Show all alike' : 'Bring this class out'} onClick={() => setHeld(held === c ? null : c)} onPointerEnter={() => setLifted(c)} onPointerLeave={() => setLifted(null)}>
              <Key mark={marks[c]!} /><span data-caption={marks[c]!.letter === null ? true : undefined} className={marks[c]!.letter === null ? undefined : styles.hidden}>{classNames[c]}</span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Figure>
  );
});

function Key({ mark: { letter, colour, marker } }: { mark: ClassMark }) {
  if (letter !== null) return <b style={{ color: colour }} data-caption>{letter}</b>;
  return <svg width={14} height={14} aria-hidden><Marker shape={marker} x={7} y={7} r={4.5} fill={colour} /></svg>;
}

function Ask({ unfolding, count, start, stop }: { unfolding: Unfolding; count: number; start(): void; stop(): void }) {
  const idle = useSlice((state) => state.phase === 'idle');
  const progress = useSlice((state) => state.picture.cutting);
  if (unfolding.at === 'work') {
    return (
      <div className={`waiting ${styles.ask}`} style={{ minHeight: HEIGHT }}>
        <p role="status">{progress?.label ?? 'Finding neighbours'}</p>
        <Progress value={progress ? (100 * progress.done) / Math.max(1, progress.total) : 0} w={220} size="sm" aria-label="UMAP" />
        <Button size="xs" variant="default" onClick={stop}>Cancel</Button>
      </div>
    );
  }
  return (
    <div className={`waiting ${styles.ask}`} style={{ minHeight: HEIGHT }}>
      {unfolding.at === 'fault' ? <p className="fault" role="alert">{unfolding.sentence}</p> : <p>UMAP lays {count} test examples out so that near neighbours (by cosine) stay near; distances between groups mean little. It takes some seconds.</p>}
      <Button size="xs" variant="default" disabled={!idle} title={idle ? undefined : 'After the run'} onClick={start}>Compute UMAP</Button>
      {!idle && <p style={{ color: INK.muted }}>The lab is busy with the run; UMAP can be asked for when it has ended.</p>}
    </div>
  );
}

function mapCsv({ classNames, map: { rows, labels } }: Embedding, method: 'pca' | 'umap', points: Float32Array | null): CsvValue[][] {
  return [['row', 'class', `${method}1`, `${method}2`], ...(points ? Array.from(rows, (row, i): CsvValue[] => [row, classNames[labels[i]!] ?? null, points[2 * i]!, points[2 * i + 1]!]) : [])];
}
