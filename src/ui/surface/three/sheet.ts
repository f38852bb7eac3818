/**
 * A loss sheet on the GPU. Arrays are made once for a grid; a new field is written into them and uploaded again. Colour,
 * contour or wire lines and the cut at the ceiling come from the height in the fragment shader, so they cost nothing to move.
 */
import { BufferAttribute, BufferGeometry, Color, DataTexture, DoubleSide, DynamicDrawUsage, Mesh, ShaderMaterial, Vector2 } from 'three';
import { inksOf, type Sheet3D } from './content.ts';
import { fillSheet, type Frame, lossTable, makeSheet, plainTable, type SheetArrays, worldHeight } from './mesh.ts';

const VERTEX = /* glsl */ `
  attribute float known;
  varying vec3 vNormal;
  varying vec2 vPlace;
  varying float vHeight;
  centroid varying float vCut;
  centroid varying float vKnown;
  uniform vec2 halves;
  void main() {
    vNormal = normal;
    vPlace = position.xz / halves * 0.5 + 0.5;
    vHeight = position.y;
    vCut = position.y;
    vKnown = known;
    gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  }
`;

const FRAGMENT = /* glsl */ `
  varying vec3 vNormal;
  varying vec2 vPlace;
  varying float vHeight;
  // Within the triangle even where the pixel's middle is not: a steep wall must not be seen above the ceiling.
  centroid varying float vCut;
  centroid varying float vKnown;
  uniform sampler2D table;
  uniform vec2 domain;
  uniform float ceiling;
  uniform float opacity;
  uniform float wire;
  uniform vec3 ink;
  uniform float strength;
  uniform float pixels;

  // Coverage of a line 'width' CSS pixels wide through the integers of x; gone where the lines would touch.
  float lines(float x, float width) {
    float rate = max(fwidth(x), 1e-6);
    float away = abs(fract(x - 0.5) - 0.5) / rate;
    float half_ = 0.5 * width * pixels;
    return (1.0 - smoothstep(half_ - 0.5, half_ + 0.5, away)) * (1.0 - smoothstep(0.25, 0.5, rate));
  }

  // Coverage of a line along x = 0, on its positive side.
  float edge(float x, float width) {
    float away = x / max(fwidth(x), 1e-6);
    return 1.0 - smoothstep(width * pixels - 0.5, width * pixels + 0.5, away);
  }

  void main() {
    float share = sqrt(max(0.0, (vHeight - domain.x) / (domain.y - domain.x)));
    float level = share * 15.0;
    float contour = lines(level, 1.1) * step(0.5, level);
    float mesh = max(lines(vPlace.x * 12.0, 1.1), lines(vPlace.y * 12.0, 1.1));
    float rim = max(edge(ceiling - vHeight, 1.4), max(max(edge(vPlace.x, 1.2), edge(1.0 - vPlace.x, 1.2)), max(edge(vPlace.y, 1.2), edge(1.0 - vPlace.y, 1.2))));
    if (vKnown < 0.999 || vCut > ceiling) discard;

    vec3 up = normalize(vNormal);
    // One lamp high on the left; the underside a little darker, so that inside and outside of a bowl differ.
    float lit = 0.82 + 0.22 * dot(up, normalize(vec3(-0.45, 0.75, 0.35)));
    vec3 fill = texture2D(table, vec2((min(share, 1.0) * 255.0 + 0.5) / 256.0, 0.5)).rgb * (gl_FrontFacing ? lit : 0.84 * lit);
    float drawn = max(strength * mix(contour, mesh, wire), min(1.0, strength + 0.25) * rim);
    gl_FragColor = vec4(mix(fill, ink, drawn / max(drawn + opacity * (1.0 - drawn), 1e-4)), drawn + opacity * (1.0 - drawn));
  }
`;

export class SheetMesh {
  readonly arrays: SheetArrays;
  readonly mesh: Mesh<BufferGeometry, ShaderMaterial>;
  private colours = '';

  constructor(columns: number, rows: number, order: number) {
    this.arrays = makeSheet(columns, rows);
    const geometry = new BufferGeometry();
    geometry.setAttribute('position', new BufferAttribute(this.arrays.positions, 3).setUsage(DynamicDrawUsage));
    geometry.setAttribute('normal', new BufferAttribute(this.arrays.normals, 3).setUsage(DynamicDrawUsage));
    geometry.setAttribute('known', new BufferAttribute(this.arrays.known, 1, true).setUsage(DynamicDrawUsage));
    geometry.setIndex(new BufferAttribute(this.arrays.indices, 1));
    const uniforms = {
      table: { value: new DataTexture(lossTable(), 256, 1) }, halves: { value: new Vector2(1, 1) }, domain: { value: new Vector2(0, 1) },
      ceiling: { value: 1 }, opacity: { value: 1 }, wire: { value: 0 }, ink: { value: new Color() }, strength: { value: 0.3 }, pixels: { value: 1 },
    };
    const material = new ShaderMaterial({ vertexShader: VERTEX, fragmentShader: FRAGMENT, uniforms, side: DoubleSide });
    this.mesh = new Mesh(geometry, material);
    this.mesh.frustumCulled = false;
    this.mesh.renderOrder = order;
    this.mesh.onBeforeRender = (renderer) => {
      uniforms.pixels.value = renderer.getPixelRatio();
    };
  }

  fits(columns: number, rows: number): boolean {
    return this.arrays.known.length === columns * rows && this.columns === columns;
  }

  private get columns(): number {
    // The third index of the first cell is one row further and one column to the right.
    return this.arrays.indices[2]! - 1;
  }

  update(sheet: Sheet3D, frame: Frame, dark: boolean): void {
    fillSheet(this.arrays, sheet.values, frame);
    const { geometry, material } = this.mesh;
    for (const name of ['position', 'normal', 'known']) geometry.getAttribute(name).needsUpdate = true;
    const inks = inksOf(dark);
    const uniforms = material.uniforms;
    uniforms['halves']!.value.set(frame.halfA, frame.halfB);
    uniforms['domain']!.value.set(worldHeight(frame, sheet.scale.low), worldHeight(frame, Math.max(sheet.scale.high, sheet.scale.low + 1e-9)));
    uniforms['ceiling']!.value = frame.tall * (1 + 1e-5);
    uniforms['opacity']!.value = sheet.opacity;
    uniforms['wire']!.value = sheet.wire ? 1 : 0;
    // The table and these inks go to the screen as they are: no conversion between colour spaces.
    uniforms['ink']!.value.set(sheet.colours === 'ink' ? inks.wire : inks.contour).convertLinearToSRGB();
    uniforms['strength']!.value = sheet.colours === 'ink' ? 0.62 : 0.34;
    const colours = sheet.colours === 'ink' ? inks.sheet : 'loss';
    if (colours !== this.colours) {
      this.colours = colours;
      const old: DataTexture = uniforms['table']!.value;
      old.dispose();
      const table = new DataTexture(sheet.colours === 'ink' ? plainTable(inks.sheet) : lossTable(), 256, 1);
      table.needsUpdate = true;
      uniforms['table']!.value = table;
    }
    const clear = sheet.opacity < 1;
    if (material.transparent !== clear) {
      material.transparent = clear;
      material.depthWrite = !clear;
      material.needsUpdate = true;
    }
  }

  dispose(): void {
    this.mesh.geometry.dispose();
    const table: DataTexture = this.mesh.material.uniforms['table']!.value;
    table.dispose();
    this.mesh.material.dispose();
  }
}
