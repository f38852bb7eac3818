/** What the sheets and marks of the 3-D view are called. */
import { useEffect, useRef } from 'react';
import { legendOf, type Content, type LegendEntry } from './content.ts';
import { drawSwatch, entryText } from './picture.ts';

const WIDTH = 44;
const HEIGHT = 14;

export function Legend3D({ content }: { content: Pick<Content, 'sheets' | 'minima' | 'trails' | 'dark'> }) {
  return (
    <ul className="surface3d-legend">
      {legendOf(content).map((entry) => (
        <li key={`${entry.kind} ${entry.kind === 'minimum' ? entry.sheet : entry.text}`}>
          <Swatch entry={entry} dark={content.dark} />
          {entryText(entry)}
        </li>
      ))}
    </ul>
  );
}

function Swatch({ entry, dark }: { entry: LegendEntry; dark: boolean }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const [kind, look] = entry.kind === 'sheet' ? [entry.kind, `${entry.colours} ${entry.wire}`] : entry.kind === 'minimum' ? [entry.kind, String(entry.sheet)] : [entry.kind, entry.arm];
  useEffect(() => {
    const context = ref.current?.getContext('2d');
    if (!context) return;
    context.setTransform(2, 0, 0, 2, 0, 0);
    context.clearRect(0, 0, WIDTH, HEIGHT);
    drawSwatch(context, entry, WIDTH, HEIGHT, dark);
    // The entry's numbers do not change its sign.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [kind, look, dark]);
  return <canvas ref={ref} width={2 * WIDTH} height={2 * HEIGHT} style={{ width: WIDTH, height: HEIGHT, flex: 'none' }} aria-hidden />;
}
