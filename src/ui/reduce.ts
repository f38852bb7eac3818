/**
 * What is drawn of an experiment, as a pure function of the events so far. A stage that begins again clears its own
 * picture and those after it (they no longer belong together); everything finished before it stays, whatever happens.
 */
import type { Embedding, NoEmbedding } from '../experiment/embedding/embedding-result.ts';
import type { LabEvent, SourcePoint } from '../experiment/events.ts';
import type { AlignmentGap, ArmResult, ArmSummary, Comparison, DirectionTest, Line, Plane, RacePoint, Result } from '../experiment/result.ts';
import type { Segmentation } from '../experiment/segmentation/segmentation-result.ts';
import type { Scaling } from '../experiment/scaling/scaling-result.ts';
import { type Stage, STAGES } from '../experiment/config/settings.ts';
import type { Inference } from '../experiment/inference/inference-result.ts';
import type { PosteriorSummary } from '../posterior/posterior.ts';

export interface StageProgress {
  done: number;
  total: number;
  secondsLeft: number | null;
  label: string;
}

export interface StageView {
  state: 'waiting' | 'running' | 'done';
  /** Shown again from an earlier run, not computed again. */
  reused: boolean;
  progress: StageProgress | null;
  sentence: string | null;
}

export interface Picture {
  stages: Record<Stage, StageView>;
  source: SourcePoint[];
  summary: PosteriorSummary | null;
  embedding: Embedding | NoEmbedding | null;
  race: RacePoint[];
  /** Steps of a whole race; 0 before it began. */
  raceSteps: number;
  arms: ArmResult[];
  summaries: ArmSummary[];
  comparisons: Comparison[];
  /** By class, where every pixel has one. */
  segmentation: Segmentation | null;
  plane: Plane | null;
  lines: Line[];
  alignmentGap: AlignmentGap[];
  directionTest: DirectionTest | null;
  /** How far a cut is that was asked for after the run. */
  cutting: StageProgress | null;
  inference: Inference | null;
  scaling: Scaling | null;
  result: Result | null;
}

const WAITING: StageView = { state: 'waiting', reused: false, progress: null, sentence: null };

/** What each stage draws, empty. */
const EMPTY = {
  source: { source: [] },
  posterior: { summary: null, embedding: null },
  downstream: { race: [], raceSteps: 0, arms: [], summaries: [], comparisons: [], segmentation: null },
  surface: { plane: null, lines: [], alignmentGap: [], directionTest: null, cutting: null },
  inference: { inference: null },
  verdict: { scaling: null, result: null },
} as const satisfies Record<Stage, Partial<Picture>>;

export function emptyPicture(): Picture {
  return {
    stages: { source: WAITING, posterior: WAITING, downstream: WAITING, surface: WAITING, inference: WAITING, verdict: WAITING },
    source: [], summary: null, embedding: null, race: [], raceSteps: 0, arms: [], summaries: [], comparisons: [], segmentation: null,
    plane: null, lines: [], alignmentGap: [], directionTest: null, cutting: null, inference: null, scaling: null, result: null,
  };
}

export function reduce(picture: Picture, event: LabEvent): Picture {
  switch (event.kind) {
    case 'stage':
      return event.state === 'running'
        ? withStage(clearedFrom(picture, event.stage), event.stage, { state: 'running', reused: event.reused })
        : withStage(picture, event.stage, { state: 'done', reused: event.reused, progress: null });
    case 'progress': {
      const { done, total, secondsLeft, label } = event;
      return withStage(picture, event.stage, { progress: { done, total, secondsLeft, label } });
    }
    // A reused stage sends its points again from the first: a step that is not after the last begins a new list.
    case 'source': return { ...picture, source: appended(picture.source, event.point) };
    case 'race': return { ...picture, race: appended(picture.race, event.point), raceSteps: event.steps };
    case 'posterior': return { ...picture, summary: event.summary };
    case 'embedding': return { ...picture, embedding: event.embedding };
    case 'arms': return { ...picture, arms: event.arms, summaries: event.summaries, comparisons: event.comparisons, segmentation: event.segmentation };
    case 'plane': return { ...picture, plane: event.plane };
    case 'lines': return { ...picture, lines: event.lines, alignmentGap: event.alignmentGap, directionTest: event.directionTest };
    case 'cutting': {
      const { done, total, secondsLeft, label } = event;
      return { ...picture, cutting: { done, total, secondsLeft, label } };
    }
    case 'inference': return { ...picture, inference: event.inference };
    case 'scaling': return { ...picture, scaling: event.scaling };
    // A study is no part of a run's picture (study-desk.ts).
    case 'study': case 'study-progress': case 'study-cell': return picture;
    case 'sentence': return withStage(picture, event.stage, { sentence: event.text });
    case 'finished': return { ...picture, result: event.result };
    default: return event satisfies never;
  }
}

/** A run that ended early: what was under way waits again, what it drew stays until it is drawn anew. */
export function stopped(picture: Picture): Picture {
  return STAGES.filter((stage) => picture.stages[stage].state === 'running')
    .reduce<Picture>((rest, stage) => withStage(rest, stage, { state: 'waiting', progress: null }), { ...picture, cutting: null });
}

/**
 * Whether a run has drawn anything of its own: a picture after the first stage that is computed anew. A run that ends
 * before (a class that does not exist, a press on Cancel) has nothing to show, and the pictures of the run before it stay.
 */
export function drewAnew(events: readonly LabEvent[]): boolean {
  const first = events.findIndex((event) => event.kind === 'stage' && event.state === 'running');
  return first >= 0 && events.slice(first).some(({ kind }) => !['stage', 'progress', 'sentence'].includes(kind));
}

/** True when every stage has finished. */
export function isWhole(picture: Picture): boolean {
  return STAGES.every((stage) => picture.stages[stage].state === 'done');
}

function clearedFrom(picture: Picture, first: Stage): Picture {
  const gone = STAGES.slice(STAGES.indexOf(first));
  const stages = { ...picture.stages };
  let cleared: Picture = picture;
  for (const stage of gone) {
    stages[stage] = WAITING;
    cleared = { ...cleared, ...(EMPTY[stage] as Partial<Picture>) };
  }
  return { ...cleared, stages };
}

function withStage(picture: Picture, stage: Stage, change: Partial<StageView>): Picture {
  return { ...picture, stages: { ...picture.stages, [stage]: { ...picture.stages[stage], ...change } } };
}

function appended<T extends { step: number }>(list: T[], point: T): T[] {
  const last = list.at(-1);
  return last && point.step <= last.step ? [point] : [...list, point];
}
