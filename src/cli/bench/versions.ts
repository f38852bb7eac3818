/** Versions of what is measured, for the report. */
import { readFileSync } from 'node:fs';

const PACKAGES = ['@tensorflow/tfjs', '@jax-js/jax'] as const;

/** `root`: the project's, with a slash at its end. */
export function installedVersions(root: string): Record<string, string> {
  const versionOf = (name: string): string => (JSON.parse(readFileSync(`${root}node_modules/${name}/package.json`, 'utf8')) as { version: string }).version;
  return { node: process.versions.node, ...Object.fromEntries(PACKAGES.map((name) => [name.split('/').at(-1)!, versionOf(name)])) };
}
