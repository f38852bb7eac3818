/** The methods of Bayesian inference downstream: which sample with chains, which draw from a Gaussian around each solution, and which settings each of them uses. */

/** What follows the MAP solution; `map`: nothing. */
export const METHODS = ['map', 'ensemble', 'swag', 'laplace', 'laplace-last-layer', 'sgld', 'sghmc', 'cyclical'] as const;
export type Method = (typeof METHODS)[number];

/** Methods whose chains walk through the posterior. */
export type SamplerMethod = 'sgld' | 'sghmc' | 'cyclical';
export function isSampler(method: Method): method is SamplerMethod {
  return method === 'sgld' || method === 'sghmc' || method === 'cyclical';
}

/** Methods that put a Gaussian around each solution and draw networks from it. */
export type GaussianMethod = 'swag' | 'laplace' | 'laplace-last-layer';
export function isGaussian(method: Method): method is GaussianMethod {
  return method === 'swag' || method === 'laplace' || method === 'laplace-last-layer';
}

const DRAWS = ['sampling.chains', 'sampling.samples', 'sampling.temperatures'];
const SAMPLING = [...DRAWS, 'sampling.steps', 'sampling.learningRate', 'sampling.burnIn', 'sampling.preconditioner', 'sampling.batch'];
const USES: Record<Method, readonly string[]> = {
  map: [], ensemble: ['sampling.chains'],
  swag: [...DRAWS, 'sampling.steps', 'sampling.swagRate', 'sampling.snapshots'], laplace: DRAWS, 'laplace-last-layer': DRAWS,
  sgld: SAMPLING, sghmc: [...SAMPLING, 'sampling.friction'], cyclical: [...SAMPLING, 'sampling.friction', 'sampling.cycles'],
};

/** Whether a method reads the setting `key`, one of the `sampling.` settings. */
export function usesSetting(method: Method, key: string): boolean {
  return key === 'sampling.method' || USES[method].includes(key);
}
