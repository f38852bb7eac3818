/** The panel before there is anything to show: what stands where, and the one control that starts it. */
import { memo } from 'react';
import styles from './ghost.module.css';

const PARTS = [
  { name: 'Table', about: 'the single solution, an ensemble and averages, arm by arm, with paired differences' },
  { name: 'Number of networks', about: 'what each further network adds' },
  { name: 'Reliability and risk', about: 'whether confidence can be believed' },
  { name: 'Evidence', about: 'how probable each tuned prior finds the training labels' },
  { name: 'Chains', about: 'whether the sampler sampled: R̂, effective sample size, kinetic temperature, traces' },
  { name: 'Robustness', about: 'of images, once some are damaged (“More settings”): which predictions hold up, and whether uncertainty tells unknown inputs' },
] as const;

/** `label`: what the stage does now, null before it runs. */
export const InferenceGhost = memo(function InferenceGhost({ label }: { label: string | null }) {
  return (
    <div className={styles.ghost}>
      <p>{label ? `${label}…` : 'One control switches from the MAP solution to sampling: choose a method above and run.'}</p>
      <ul>{PARTS.map(({ name, about }) => <li key={name}><b>{name}</b><span>{about}</span></li>)}</ul>
    </div>
  );
});
