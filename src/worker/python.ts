/** The Python that bundles carry, as text. */
import compare from '../storage/bundle/python/compare.py?raw';
import priorscape from '../storage/bundle/python/priorscape.py?raw';
import type { PythonFiles } from '../storage/bundle/bundle.ts';

export const PYTHON: PythonFiles = { 'priorscape.py': priorscape, 'compare.py': compare };
