/** The stage inside React's canvas: new content and sizes go in, frames are drawn only when something moved. */
import { useFrame, useThree } from '@react-three/fiber';
import { useEffect, useLayoutEffect, useState } from 'react';
import type { Content } from './content.ts';
import { Stage } from './stage.ts';

/** Device pixels per CSS pixel: more cost much and show nothing. */
export const MAX_RATIO = 2;

export interface Show {
  /** True when the key meant something. */
  press: (key: string) => boolean;
  reset: () => void;
  /** The picture without its legend, and its size in CSS pixels. */
  snapshot: (ratio: number) => { picture: HTMLCanvasElement; width: number; height: number };
}

interface Scene3DProps {
  content: Content;
  /** Turning goes on for a moment after the hand has let go. */
  damped: boolean;
  onShow: (show: Show | null) => void;
  onLost: () => void;
}

export function Scene3D({ content, damped, onShow, onLost }: Scene3DProps) {
  const gl = useThree((state) => state.gl);
  const scene = useThree((state) => state.scene);
  const size = useThree((state) => state.size);
  const camera = useThree((state) => state.camera);
  const invalidate = useThree((state) => state.invalidate);
  const [stage] = useState(() => new Stage({ gl, camera, invalidate, maxRatio: MAX_RATIO }, content));

  useLayoutEffect(() => stage.attach(), [stage]);
  useLayoutEffect(() => stage.damp(damped), [stage, damped]);
  useLayoutEffect(() => stage.resize(size.width, size.height), [stage, size]);
  // At every render: the arrays of a sheet may be the same ones with other contents.
  useLayoutEffect(() => stage.update(content));

  useEffect(() => {
    onShow({
      press: (key) => stage.press(key),
      reset: () => stage.reset(),
      snapshot: (ratio) => ({ picture: stage.snapshot(ratio, () => gl.render(scene, camera)), width: stage.width, height: stage.height }),
    });
    return () => onShow(null);
  }, [stage, gl, scene, camera, onShow]);

  useEffect(() => {
    const lost = (event: Event) => {
      event.preventDefault();
      onLost();
    };
    const canvas = gl.domElement;
    canvas.addEventListener('webglcontextlost', lost);
    // Leaving the page gives the context back, which is no loss.
    return () => canvas.removeEventListener('webglcontextlost', lost);
  }, [gl, onLost]);

  useFrame(() => stage.frame());
  return <primitive object={stage.scene.group} />;
}
