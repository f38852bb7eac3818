/** The fold below the source: what its embedding knows, in a few words when closed. */
import { lazy, memo, Suspense, useState } from 'react';
import { useSlice } from '../context.ts';
import { percent } from '../figures.ts';
import { Explain } from '../panels/Explain.tsx';
import { EXPLANATIONS } from '../panels/explanations.ts';
import { Waiting } from '../panels/Panel.tsx';
import styles from './embedding.module.css';

const EmbeddingView = lazy(() => import('./EmbeddingView.tsx').then((module) => ({ default: module.EmbeddingView })));

const TITLE = 'What does the embedding know?';
const PLACE = 200;

export const EmbeddingFold = memo(function EmbeddingFold() {
  const [open, setOpen] = useState(false);
  const embedding = useSlice((state) => state.picture.embedding);
  const known = embedding && 'figures' in embedding ? embedding : null;
  const read = known && (known.figures.source.probe ? (['probe', 'probe'] as const) : (['knn', 'neighbours'] as const));
  return (
    <details className="more-settings" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {TITLE}
        {known && read && <span className={styles.short}>{read[1]} {percent(known.figures.source[read[0]]!.mean)}, random {percent(known.figures.random[read[0]]!.mean)}</span>}
      </summary>
      {open && (
        <div className={styles.body}>
          <div className={styles.explain}><Explain title={TITLE} explanation={EXPLANATIONS.embedding} /></div>
          {known ? <Suspense fallback={<Waiting height={PLACE}>Opening…</Waiting>}><EmbeddingView embedding={known} /></Suspense> : <Absent why={embedding && 'missing' in embedding ? embedding.missing : null} />}
        </div>
      )}
    </details>
  );
});

function Absent({ why }: { why: string | null }) {
  const reading = useSlice((state) => state.picture.stages.posterior.state === 'running');
  const none = useSlice((state) => (state.shown ?? state.settings).config['embedding.images'] === 0);
  const text = why ?? (none ? 'No images are read for it: set “Embedding images” above 0.'
    : reading ? 'Reading the embedding…'
    : 'How well a linear probe and nearest neighbours read the classes off the network’s features, beside a random network, and a map of them. Press Run: the source and its posterior are enough.');
  return <Waiting height={PLACE}>{text}</Waiting>;
}
