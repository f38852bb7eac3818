/** Below the verdict: the networks that were tuned, to take away for PyTorch or TensorFlow.js, and weights from elsewhere measured as they were. */
import { Button, Checkbox, FileButton } from '@mantine/core';
import { IconDownload, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { isSampler } from '../../experiment/inference/methods.ts';
import type { WeightsScore } from '../../experiment/models/models.ts';
import type { ArmResult } from '../../experiment/result.ts';
import { type Arm, isFamily } from '../../prior/prior.ts';
import { forgetChoice } from '../attachments.ts';
import { ARM_STYLE } from '../charts/arms.ts';
import { saveBytes } from '../charts/save.ts';
import { useLab, useSlice } from '../context.ts';
import { fileName, percent } from '../figures.ts';
import { Pick } from '../inference/choosers.tsx';
import { sentenceOf } from '../store.ts';
import styles from './verdict.module.css';

type Busy = 'safetensors' | 'tfjs' | 'score' | null;

export function Networks({ arms: results }: { arms: readonly ArmResult[] }) {
  const lab = useLab();
  const idle = useSlice((state) => state.phase === 'idle');
  const sampler = useSlice((state) => isSampler(state.settings.config['sampling.method']));
  const sound = results.filter(({ test }) => Number.isFinite(test.nll));
  const arms = [...new Set(sound.map(({ arm }) => arm))];
  const seeds = [...new Set(sound.map(({ seed }) => seed))].map(String);
  const [chosenArm, setArm] = useState<Arm>('low-rank');
  const [chosenSeed, setSeed] = useState('');
  const [sampled, setSampled] = useState(false);
  const [busy, setBusy] = useState<Busy>(null);
  const [fault, setFault] = useState<string | null>(null);
  const [score, setScore] = useState<(WeightsScore & { file: string }) | null>(null);
  const arm = arms.includes(chosenArm) ? chosenArm : arms[0];
  const seed = seeds.includes(chosenSeed) ? chosenSeed : seeds[0];
  if (arm === undefined || seed === undefined) return null;

  const attempt = async (what: Busy, job: () => Promise<void>) => {
    setBusy(what);
    setFault(null);
    await job().catch((error: unknown) => setFault(sentenceOf(error)));
    setBusy(null);
  };
  const withSamples = sampled && sampler && isFamily(arm);
  const save = (format: 'safetensors' | 'tfjs') => attempt(format, async () => {
    const bytes = await lab.material.exportModel({ arm, seed: Number(seed), format, withSamples: withSamples && format === 'safetensors' });
    if (bytes) saveBytes(bytes, `${fileName(lab.store.getState().settings.config.name)}-${arm}-seed-${seed}${format === 'tfjs' ? '-tfjs.zip' : '.safetensors'}`);
  });
  const measure = (file: File) => attempt('score', async () => {
    setScore(null);
    const found = await lab.material.scoreWeights(file, Number(seed));
    if (found) setScore({ ...found, file: file.name });
  });
  return (
    <details className="more-settings">
      <summary>Take a network away, or measure weights of your own</summary>
      <div className={styles.networks}>
        <Pick label="Arm" value={arm} options={arms} text={(one) => ARM_STYLE[one].label} onPick={setArm} />
        <Pick label="Seed" value={seed} options={seeds} text={(one) => one} onPick={setSeed} />
        {sampler && <Checkbox size="xs" label="with posterior samples" checked={withSamples} disabled={!isFamily(arm)} onChange={(event) => setSampled(event.currentTarget.checked)} />}
        <span className={styles.networkButtons}>
          <Button size="xs" variant="default" disabled={!idle || busy !== null} loading={busy === 'safetensors'} leftSection={<IconDownload size={14} aria-hidden />} title="Its parameters as .safetensors: load_state_dict takes them as they are" onClick={() => void save('safetensors')}>PyTorch</Button>
          <Button size="xs" variant="default" disabled={!idle || busy !== null} loading={busy === 'tfjs'} leftSection={<IconDownload size={14} aria-hidden />} title="A layers model, model.json and weights.bin in a zip" onClick={() => void save('tfjs')}>TensorFlow.js</Button>
          <FileButton accept=".safetensors" onChange={(file) => file && void measure(file)} disabled={!idle || busy !== null} inputProps={{ 'aria-label': 'Weights file', onClick: forgetChoice }}>
            {(props) => <Button {...props} size="xs" variant="default" disabled={!idle || busy !== null} loading={busy === 'score'} leftSection={<IconUpload size={14} aria-hidden />} title="A state_dict of this network as .safetensors, measured on the test images of this seed">Evaluate weights</Button>}
          </FileButton>
        </span>
      </div>
      {score && (
        <p className={styles.score} role="status">
          <strong>{score.file}</strong> on the {score.rows} test images of seed {score.seed}: accuracy {percent(score.test.accuracy)}, NLL {score.test.nll.toFixed(4)}, ECE {score.test.ece.toFixed(3)}, Brier {score.test.brier.toFixed(3)}.
        </p>
      )}
      {fault !== null && <p className="fault" role="alert">{fault}</p>}
    </details>
  );
}
