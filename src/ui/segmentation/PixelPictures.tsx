/** Pictures of what the arms say of pixels, after a run: image, label map and every arm side by side, zoomed together, the least certain images first. */
import { ActionIcon, Button, NativeSelect, SegmentedControl, Slider } from '@mantine/core';
import { IconMinus, IconPlus } from '@tabler/icons-react';
import { type PointerEvent, useId, useMemo, useRef, useState } from 'react';
import { LabError } from '../../core/errors.ts';
import type { PixelPictures as Pictures } from '../../experiment/segmentation/pictures.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { fixed } from '../charts/format.ts';
import { useLab, useSlice } from '../context.ts';
import { Told } from '../data/look/Told.tsx';
import { useAnswer } from '../data/look/useAnswer.ts';
import { MapKey } from '../data/MapKey.tsx';
import { TileCanvas } from '../data/TileCanvas.tsx';
import { type Tile, tilesOf } from '../data/tiles.ts';
import { labelled, rightShare, unsureAt, type View, VIEWS, wrongAt } from './paint.ts';
import styles from './segmentation.module.css';

export function PixelPictures() {
  const finished = useSlice((state) => state.phase === 'idle' && state.picture.result !== null);
  const seeds = useSlice((state) => state.picture.result?.downstream.seeds);
  const [asked, setAsked] = useState<{ turn: number; seed: number } | null>(null);
  const id = useId();
  return (
    <section aria-labelledby={id} className={styles.pictures}>
      <div className={styles.head}>
        <h3 id={id}>What the networks say of pixels</h3>
        {asked && seeds && seeds.length > 1 && <NativeSelect size="xs" aria-label="Seed" value={String(asked.seed)} data={seeds.map((seed) => ({ value: String(seed), label: `Seed ${seed}` }))} onChange={(event) => setAsked({ turn: asked.turn + 1, seed: Number(event.currentTarget.value) })} />}
      </div>
      {asked && finished
        ? <Asked key={asked.turn} {...asked} again={() => setAsked({ ...asked, turn: asked.turn + 1 })} />
        : (
          <div className={styles.ask}>
            <p>{finished ? 'The tuned network of every arm can be asked about test images: its answers, its errors and where it is unsure.' : 'After the run: test images with the answers, the errors and the uncertainty of every arm.'}</p>
            <Button size="xs" variant="default" disabled={!finished || !seeds} onClick={() => setAsked({ turn: 1, seed: seeds![0]! })}>Show pictures</Button>
          </div>
        )}
    </section>
  );
}

function Asked({ turn, seed, again }: { turn: number; seed: number; again(): void }) {
  const lab = useLab();
  const answer = useAnswer(`pixels ${turn} ${seed}`, async () => {
    const found = await lab.looking.pixels(seed);
    if (!found) throw new LabError('config', 'The question gave way to other work of the worker, such as a loss map; ask again.');
    return found;
  });
  return (
    <>
      <Told answer={answer} waiting="The networks look at test images…">{(found) => <Shown found={found} />}</Told>
      {answer.state === 'failed' && <Button size="xs" variant="default" onClick={again}>Ask again</Button>}
    </>
  );
}

interface Zoom {
  scale: number;
  /** Of the middle, as shares of the picture. */
  x: number;
  y: number;
}

const WHOLE: Zoom = { scale: 1, x: 0.5, y: 0.5 };
const MOST_ZOOM = 8;

function zoomed({ scale, x, y }: Zoom): Zoom {
  const reach = 0.5 / scale;
  return { scale, x: Math.min(1 - reach, Math.max(reach, x)), y: Math.min(1 - reach, Math.max(reach, y)) };
}

function Shown({ found }: { found: Pictures }) {
  const { classNames, images, arms, lookedAt } = found;
  const tiles = useMemo(() => tilesOf(found.strip), [found]);
  const [at, setAt] = useState(0);
  const [view, setView] = useState<View>('answers');
  const [opacity, setOpacity] = useState(70);
  const [zoom, setZoom] = useState(WHOLE);
  const tile = tiles[at]!;
  const { truth } = images[at]!;
  const share = opacity / 100;
  const drawn = useMemo(() => ({
    truth: labelled(tile, truth, classNames, share),
    arms: arms.map(({ answers, entropy }): Tile => {
      switch (view) {
        case 'answers': return labelled(tile, answers[at]!, classNames, share);
        case 'errors': return wrongAt(tile, answers[at]!, truth, share);
        case 'entropy': return unsureAt(tile, entropy[at]!, share);
        default: throw new TypeError(`No picture of ${view satisfies never}.`);
      }
    }),
  }), [tile, truth, classNames, share, arms, at, view]);
  const by = (factor: number) => setZoom(zoomed({ ...zoom, scale: Math.min(MOST_ZOOM, Math.max(1, zoom.scale * factor)) }));
  return (
    <>
      <div className={styles.controls}>
        <SegmentedControl size="xs" aria-label="What is drawn of each arm" value={view} onChange={(value) => setView(value as View)} data={Object.entries(VIEWS).map(([value, label]) => ({ value, label }))} />
        <label className={styles.opacity}>Overlay<Slider size="sm" w={110} min={0} max={100} value={opacity} onChange={setOpacity} label={(value) => `${value}%`} thumbLabel="Opacity of the overlay" /></label>
        <span className={styles.zoom}>
          <ActionIcon size="sm" variant="default" aria-label="Zoom out" disabled={zoom.scale <= 1} onClick={() => by(0.5)}><IconMinus size={13} /></ActionIcon>
          {zoom.scale}×
          <ActionIcon size="sm" variant="default" aria-label="Zoom in" disabled={zoom.scale >= MOST_ZOOM} onClick={() => by(2)}><IconPlus size={13} /></ActionIcon>
        </span>
      </div>
      <ul className={styles.choice} aria-label="Test images, the least certain first">
        {images.map(({ entropy }, i) => (
          <li key={i}><button type="button" aria-pressed={i === at} title={`Mean entropy ${fixed(entropy, 2)} nats`} aria-label={`Image ${i + 1}, mean entropy ${fixed(entropy, 2)} nats`} onClick={() => setAt(i)}><TileCanvas pixels={tiles[i] ?? null} className={styles.thumb!} /></button></li>
        ))}
      </ul>
      <div className={styles.grid}>
        <Panel title="Image" told="" tile={tile} zoom={zoom} onZoom={setZoom} />
        <Panel title="Label map" told="" tile={drawn.truth} zoom={zoom} onZoom={setZoom} />
        {arms.map(({ arm, answers }, i) => <Panel key={arm} title={ARM_STYLE[arm].label} told={`${fixed(100 * rightShare(answers[at]!, truth), 1)}% right`} tile={drawn.arms[i]!} zoom={zoom} onZoom={setZoom} />)}
      </div>
      {view === 'entropy' ? <p className={styles.ramp}><span>sure</span><i aria-hidden /><span>unsure: log {classNames.length} = {fixed(Math.log(classNames.length), 2)} nats</span></p> : null}
      {view === 'errors' ? <p className={styles.ramp}><b className={styles.wrong} aria-hidden />wrong<b className={styles.right} aria-hidden />right</p> : null}
      <MapKey classNames={classNames} />
      <p className={styles.quiet}>The {images.length} of {lookedAt} test images on which the arms are least sure on average, under the tuned network of each; dark pixels have no class (void). Drag to move when zoomed.</p>
    </>
  );
}

function Panel({ title, told, tile, zoom, onZoom }: { title: string; told: string; tile: Tile; zoom: Zoom; onZoom(zoom: Zoom): void }) {
  const grip = useRef<{ x: number; y: number } | null>(null);
  const move = (event: PointerEvent<HTMLDivElement>) => {
    if (!grip.current) return;
    const { width, height } = event.currentTarget.getBoundingClientRect();
    const [dx, dy] = [(event.clientX - grip.current.x) / (width * zoom.scale), (event.clientY - grip.current.y) / (height * zoom.scale)];
    grip.current = { x: event.clientX, y: event.clientY };
    onZoom(zoomed({ ...zoom, x: zoom.x - dx, y: zoom.y - dy }));
  };
  return (
    <figure className={styles.panel}>
      <figcaption>{title}{told && <small>{told}</small>}</figcaption>
      <div
        className={styles.frame} data-zoomed={zoom.scale > 1 || undefined} style={{ aspectRatio: `${tile.width} / ${tile.height}` }} onPointerMove={move}
        onPointerDown={(event) => {
          if (zoom.scale === 1) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          grip.current = { x: event.clientX, y: event.clientY };
        }}
        onLostPointerCapture={() => {
          grip.current = null;
        }}
      >
        <div style={{ transform: `scale(${zoom.scale}) translate(${100 * (0.5 - zoom.x)}%, ${100 * (0.5 - zoom.y)}%)` }}><TileCanvas pixels={tile} className={styles.canvas!} /></div>
      </div>
    </figure>
  );
}
