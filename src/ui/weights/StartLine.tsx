/** In the source panel: what training starts from when that is a file, and the way to such a file. */
import { UnstyledButton } from '@mantine/core';
import { useMemo } from 'react';
import { fitSentence } from '../../prior/weights.ts';
import { useLab, useSlice } from '../context.ts';
import { sentenceOf } from '../store.ts';
import { fitTo } from './fit.ts';
import styles from './weights.module.css';

/** Under the network; nothing where training starts from an initialisation. */
export function StartLine() {
  const lab = useLab();
  const weights = useSlice((state) => state.weights);
  const config = useSlice((state) => state.settings.config);
  const preview = useSlice((state) => state.data.source.preview);
  const idle = useSlice((state) => state.phase === 'idle');
  const fit = useMemo(() => (weights && preview ? fitTo(weights, config, preview) : null), [weights, config, preview]);
  if (!weights) return null;
  const faulty = fit !== null && ('fault' in fit || fit.used === 0);
  return (
    <div className={styles.line}>
      <p>
        Starts from <strong>{weights.file}</strong>.{' '}
        {fit && (faulty ? <span className="fault" role="alert">{'fault' in fit ? fit.fault : 'It fits no tensor of this network; choose the network it is of.'}</span> : <span className={styles.quiet}>{'fault' in fit ? '' : fitSentence(fit)}</span>)}
      </p>
      <UnstyledButton className="text-button" disabled={!idle} onClick={() => lab.weights.open()}>Change</UnstyledButton>
      <UnstyledButton className="text-button" disabled={!idle} onClick={() => void lab.weights.forget().catch((error: unknown) => lab.complain(sentenceOf(error)))}>Begin anew</UnstyledButton>
    </div>
  );
}

/** Folded away with the other settings of the source. */
export function StartButton({ disabled }: { disabled: boolean }) {
  const lab = useLab();
  const idle = useSlice((state) => state.phase === 'idle' && state.device.state === 'open');
  return <UnstyledButton className="text-button" disabled={disabled || !idle} onClick={() => lab.weights.open()}>Start from weights…</UnstyledButton>;
}
