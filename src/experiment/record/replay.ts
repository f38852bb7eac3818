/**
 * The events that draw a finished result again: a page that is shown a result kept earlier draws it as it drew the run. Progress is left out, and
 * so is what was measured after the run.
 */
import type { LabEvent } from '../events.ts';
import type { Result } from '../result.ts';
import { type Stage, STAGES } from '../config/settings.ts';

export function eventsOf(result: Result): LabEvent[] {
  return [...STAGES.flatMap((stage): LabEvent[] => {
    const text = result.sentences[stage];
    return [
      { kind: 'stage', stage, state: 'running', reused: false },
      ...drawn(stage, result),
      ...(text === undefined ? [] : [{ kind: 'sentence' as const, stage, text }]),
      { kind: 'stage', stage, state: 'done', reused: false },
    ];
  }), { kind: 'finished', result }];
}

function drawn(stage: Stage, { config, source, posterior, embedding, race, arms, summaries, comparisons, segmentation, surface, inference, scaling }: Result): LabEvent[] {
  switch (stage) {
    case 'source': return source.curve.map((point) => ({ kind: 'source', point }));
    case 'posterior': return [{ kind: 'posterior', summary: posterior }, { kind: 'embedding', embedding }];
    case 'downstream': return [
      ...race.map((point): LabEvent => ({ kind: 'race', point, steps: config['inference.steps'] })),
      { kind: 'arms', arms, summaries, comparisons, segmentation },
    ];
    case 'surface': {
      const { plane, lines, alignmentGap, directionTest } = surface;
      return [...(plane ? [{ kind: 'plane' as const, plane }] : []), { kind: 'lines', lines, alignmentGap, directionTest }];
    }
    case 'inference': return [{ kind: 'inference', inference }];
    case 'verdict': return [{ kind: 'scaling', scaling }];
    default: return stage satisfies never;
  }
}
