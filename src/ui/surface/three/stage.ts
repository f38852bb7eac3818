/**
 * The scene with a camera that orbits it and the writing over it. React tells it what to show and when to draw; it asks
 * for a frame (`invalidate`) when the view changes. The page's scrolling stays the page's: a wheel zooms only with
 * Ctrl or ⌘, a finger that moves up or down scrolls.
 */
import { type Camera, TOUCH, Vector3, type WebGLRenderer } from 'three';
import { OrbitControls } from 'three/examples/jsm/controls/OrbitControls.js';
import type { Content } from './content.ts';
import type { Frame, Vector } from './mesh.ts';
import { centreOf, eyeOf, HOME, LIMITS, turned, type View, viewFrom } from './orbit.ts';
import { drawOverlay, type Pixel } from './overlay.ts';
import { LossScene } from './scene.ts';

interface StageParts {
  gl: WebGLRenderer;
  /** A perspective camera whose aspect follows the canvas. */
  camera: Camera;
  invalidate: () => void;
  /** The sharpest the screen is drawn, device pixels per CSS pixel. */
  maxRatio: number;
}

export class Stage {
  readonly scene: LossScene;
  private readonly parts: StageParts;
  private readonly writing = document.createElement('canvas');
  private readonly scratch = new Vector3();
  private controls: OrbitControls | null = null;
  private content: Content;
  private size = { width: 1, height: 1 };
  /** The frame and aspect that the camera's distance was chosen for. */
  private fitted: { frame: Frame; aspect: number } | null = null;

  constructor(parts: StageParts, content: Content) {
    this.parts = parts;
    this.content = content;
    this.scene = new LossScene(content);
  }

  /** Listens and draws over the picture until the returned function is called. */
  attach(): () => void {
    const { gl, camera, invalidate } = this.parts;
    const canvas = gl.domElement;
    const frame = canvas.parentElement;
    Object.assign(this.writing.style, { position: 'absolute', inset: '0', width: '100%', height: '100%', pointerEvents: 'none' });
    this.writing.setAttribute('aria-hidden', 'true');
    frame?.append(this.writing);
    const controls = new OrbitControls(camera, canvas);
    this.controls = controls;
    controls.enablePan = false;
    controls.touches = { ONE: TOUCH.ROTATE, TWO: TOUCH.DOLLY_ROTATE };
    [controls.minPolarAngle, controls.maxPolarAngle] = LIMITS.polar;
    controls.zoomSpeed = 0.8;
    controls.dampingFactor = 0.12;
    canvas.style.touchAction = 'pan-y';
    canvas.style.cursor = 'grab';
    controls.addEventListener('change', invalidate);
    const wheel = (event: WheelEvent) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    };
    frame?.addEventListener('wheel', wheel, { capture: true, passive: true });
    this.fitted = null;
    this.refit();
    return () => {
      frame?.removeEventListener('wheel', wheel, { capture: true });
      controls.dispose();
      this.controls = null;
      this.writing.remove();
      this.scene.dispose();
    };
  }

  /** Damped turning goes on for a moment after the hand has let go. */
  damp(on: boolean): void {
    if (this.controls) this.controls.enableDamping = on;
  }

  update(content: Content): void {
    this.content = content;
    this.scene.update(content);
    this.refit();
    this.parts.invalidate();
  }

  resize(width: number, height: number): void {
    this.size = { width: Math.max(1, width), height: Math.max(1, height) };
    this.refit();
    this.parts.invalidate();
  }

  /** True when the key meant something here. */
  press(key: string): boolean {
    const view = turned(this.view(), key);
    if (!view) return false;
    this.look(view);
    return true;
  }

  reset(): void {
    this.look(HOME);
  }

  /** Before the sheets are drawn: moves the camera on, turns the walls, writes over the picture. */
  frame(): void {
    this.controls?.update();
    const { camera, gl } = this.parts;
    camera.updateMatrixWorld();
    this.scene.turn(camera.position);
    const ratio = Math.min(this.parts.maxRatio, gl.getPixelRatio());
    const [width, height] = [Math.round(this.size.width * ratio), Math.round(this.size.height * ratio)];
    if (this.writing.width !== width || this.writing.height !== height) [this.writing.width, this.writing.height] = [width, height];
    const context = this.writing.getContext('2d');
    context?.setTransform(ratio, 0, 0, ratio, 0, 0);
    context?.clearRect(0, 0, this.size.width, this.size.height);
    if (context) this.write(context);
  }

  /** The sheets, drawn now, and the writing over them: `ratio` pixels per CSS pixel on a transparent ground. */
  snapshot(ratio: number, render: () => void): HTMLCanvasElement {
    const { gl, camera } = this.parts;
    const picture = document.createElement('canvas');
    [picture.width, picture.height] = [Math.round(this.size.width * ratio), Math.round(this.size.height * ratio)];
    const context = picture.getContext('2d');
    const before = gl.getPixelRatio();
    camera.updateMatrixWorld();
    gl.setPixelRatio(ratio);
    // Copied in the same task: the drawing buffer does not outlive it.
    render();
    context?.drawImage(gl.domElement, 0, 0, picture.width, picture.height);
    gl.setPixelRatio(before);
    context?.scale(ratio, ratio);
    if (context) this.write(context);
    this.parts.invalidate();
    return picture;
  }

  get width(): number {
    return this.size.width;
  }

  get height(): number {
    return this.size.height;
  }

  private write(context: CanvasRenderingContext2D): void {
    const { camera, gl } = this.parts;
    const { dark, axes, zTitle } = this.content;
    drawOverlay(context, this.scene, {
      ...this.size, dark, font: getComputedStyle(gl.domElement).fontFamily, eye: camera.position, project: (point) => this.project(point),
      titles: { a: `${axes[0]} (parameter units)`, b: `${axes[1]} (parameter units)`, loss: zTitle },
    });
  }

  private project({ x, y, z }: Vector): Pixel {
    this.scratch.set(x, y, z).project(this.parts.camera);
    return { x: ((this.scratch.x + 1) / 2) * this.size.width, y: ((1 - this.scratch.y) / 2) * this.size.height };
  }

  private view(): View {
    return this.fitted ? viewFrom(this.parts.camera.position, this.fitted.frame, this.fitted.aspect) : HOME;
  }

  /** Keeps angles and zoom when the picture's or the box's proportions change. */
  private refit(): void {
    const [frame, aspect] = [this.scene.frame, this.size.width / this.size.height];
    const same = this.fitted && this.fitted.aspect === aspect && this.fitted.frame.halfA === frame.halfA && this.fitted.frame.halfB === frame.halfB;
    if (!same) this.look(this.view(), aspect);
  }

  private look(view: View, aspect = this.fitted?.aspect ?? 1): void {
    const { frame } = this.scene;
    this.fitted = { frame, aspect };
    const { camera, invalidate } = this.parts;
    const [eye, centre] = [eyeOf(view, frame, aspect), centreOf(frame)];
    const home = eyeOf({ ...view, zoom: 1 }, frame, aspect);
    const fit = Math.hypot(home.x - centre.x, home.y - centre.y, home.z - centre.z);
    camera.position.set(eye.x, eye.y, eye.z);
    camera.lookAt(centre.x, centre.y, centre.z);
    if (this.controls) {
      this.controls.target.set(centre.x, centre.y, centre.z);
      [this.controls.minDistance, this.controls.maxDistance] = [LIMITS.zoom[0] * fit, LIMITS.zoom[1] * fit];
      this.controls.update();
    }
    invalidate();
  }
}
