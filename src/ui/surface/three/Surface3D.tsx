/**
 * The loss surface in three dimensions, to be loaded only when it is opened (`React.lazy`): nothing outside this folder
 * imports three.js. Nothing is drawn while nothing moves. Where WebGL is missing or was taken away one sentence says so.
 */
import { Button } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { Canvas } from '@react-three/fiber';
import { Component, type KeyboardEvent, type ReactNode, type Ref, useCallback, useId, useImperativeHandle, useRef, useState } from 'react';
import { LabError } from '../../../core/errors.ts';
import { type Content, describe, legendOf } from './content.ts';
import { Legend3D } from './Legend3D.tsx';
import { FIELD } from './orbit.ts';
import { picturePng } from './picture.ts';
import { MAX_RATIO, Scene3D, type Show } from './Scene3D.tsx';
import './quiet.ts';
import './surface3d.css';

export interface Surface3DProps extends Content {
  /** Of the drawing, px; the legend and the hint stand below it. */
  height: number;
  /** Accessible name, and the title of a saved picture. */
  label: string;
  ref?: Ref<Surface3DHandle>;
}

export interface Surface3DHandle {
  /** What is shown, with axes and legend, at `ratio` pixels per CSS pixel (2 unless told). Throws LabError when nothing is shown. */
  png: (ratio?: number) => Promise<Blob>;
  /** Back to the view it opened with. */
  reset: () => void;
}

const CAMERA = { fov: FIELD, near: 0.1, far: 60 };
const GL = { antialias: true, alpha: true };

const MISSING = 'This browser draws no 3-D graphics (WebGL 2) here; the maps show the same surface, or switch hardware acceleration on in its settings.';
const LOST = 'The graphics device was taken away from the 3-D view, as happens when memory runs short; nothing that was measured is lost.';

export default function Surface3D({ height, label, ref, ...content }: Surface3DProps) {
  const [state, setState] = useState<'drawn' | 'missing' | 'lost'>(() => (hasWebGl() ? 'drawn' : 'missing'));
  const show = useRef<Show | null>(null);
  const stage = useRef<HTMLDivElement>(null);
  const described = useId();
  const still = useReducedMotion();
  const onShow = useCallback((next: Show | null) => {
    show.current = next;
  }, []);
  const onLost = useCallback(() => setState('lost'), []);
  const onFault = useCallback(() => setState('missing'), []);
  useImperativeHandle(ref, () => ({
    png: async (ratio = MAX_RATIO) => {
      if (!show.current || !stage.current) throw new LabError('device', 'The 3-D view shows nothing that could be saved; save the maps instead.');
      return picturePng({ show: show.current, title: label, legend: legendOf(content), dark: content.dark, font: getComputedStyle(stage.current).fontFamily, ratio });
    },
    reset: () => show.current?.reset(),
  }));
  const press = (event: KeyboardEvent) => {
    // Ctrl or ⌘ with + and − zoom the page.
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (show.current?.press(event.key)) event.preventDefault();
  };

  if (state !== 'drawn') {
    return (
      <div className="surface3d-none" style={{ minHeight: height }} role="status">
        <p>{state === 'missing' ? MISSING : LOST}</p>
        {state === 'lost' && <Button variant="default" size="xs" onClick={() => setState(hasWebGl() ? 'drawn' : 'missing')}>Draw it again</Button>}
      </div>
    );
  }
  return (
    <div className="surface3d">
      <div ref={stage} className="surface3d-stage" style={{ height }} tabIndex={0} role="img" aria-label={`${label}. Arrow keys turn the view, plus and minus zoom, Home resets.`} aria-describedby={described} onKeyDown={press}>
        <Fence onFault={onFault}>
          <Canvas frameloop="demand" dpr={[1, MAX_RATIO]} flat camera={CAMERA} gl={GL}>
            <Scene3D content={content} damped={!still} onShow={onShow} onLost={onLost} />
          </Canvas>
        </Fence>
      </div>
      <p id={described} className="surface3d-words">{describe(content)}</p>
      <Legend3D content={content} />
      <p className="surface3d-hint">
        <span>Drag to turn · <kbd>Ctrl</kbd> or <kbd>⌘</kbd> + wheel, or pinch, to zoom · with the keyboard: arrows, <kbd>+</kbd>, <kbd>−</kbd>, <kbd>Home</kbd></span>
        <button type="button" className="surface3d-reset" onClick={() => show.current?.reset()}>Reset the view</button>
      </p>
    </div>
  );
}

/** three.js asks for WebGL 2. The context made to find out is given back at once: browsers keep only a few. */
function hasWebGl(): boolean {
  const context = document.createElement('canvas').getContext('webgl2');
  context?.getExtension('WEBGL_lose_context')?.loseContext();
  return context !== null;
}

/** A renderer that cannot be made must not take the page along. */
class Fence extends Component<{ onFault: () => void; children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override componentDidCatch() {
    this.props.onFault();
  }
  override render() {
    return this.state.failed ? null : this.props.children;
  }
}
