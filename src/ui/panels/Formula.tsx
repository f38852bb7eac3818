/** One displayed formula. TeX comes from this project's own list, so KaTeX's HTML is trusted. */
import katex from 'katex';
import 'katex/dist/katex.min.css';
import { useMemo } from 'react';

export default function Formula({ tex }: { tex: string }) {
  const html = useMemo(() => katex.renderToString(tex, { displayMode: true, throwOnError: false }), [tex]);
  return <div dangerouslySetInnerHTML={{ __html: html }} />;
}
