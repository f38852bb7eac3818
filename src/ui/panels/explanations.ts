/** “What am I looking at?”: for each panel three sentences, one formula and one reference. */
export interface Explanation {
  sentences: readonly [string, string, string];
  /** TeX. */
  formula: string;
  reference: { text: string; url: string };
}

const PTYL = { text: 'Shwartz-Ziv et al., Pre-Train Your Loss, NeurIPS 2022', url: 'https://arxiv.org/abs/2205.10279' };

export const EXPLANATIONS = {
  source: {
    sentences: [
      'A small network learns a plentiful task first, by stochastic gradient descent with a falling learning rate.',
      'Then the rate is held constant: the weights wander around their solution, and snapshots of them are collected.',
      'The curve is the loss on training batches; where snapshots are taken it is meant to be noisy. By SimCLR or VICReg it learns without labels: two random views of each image are to have like features.',
    ],
    formula: String.raw`\theta_{t+1} = \theta_t + m\,(\theta_t - \theta_{t-1}) - \eta_t\,\nabla \mathrm{NLL}(\theta_t)`,
    reference: { text: 'Maddox et al., A Simple Baseline for Bayesian Uncertainty (SWAG), NeurIPS 2019', url: 'https://arxiv.org/abs/1902.02476' },
  },
  posterior: {
    sentences: [
      'Mean, variances and a few directions of the snapshots make a Gaussian over the weights of the feature extractor.',
      'Stretched by λ it is a prior for another task: weights that the source task left free may move, the others are held.',
      'The bars are the strengths of its main directions; below, how freely each layer may move.',
    ],
    formula: String.raw`p(w) = \mathcal N\!\left(\bar w,\ \lambda\,(\mathrm{diag}(v) + F^{\top}F)\right)`,
    reference: PTYL,
  },
  embedding: {
    sentences: [
      'What the last layer before the head says of an image is its embedding; the prior is worth something downstream only if it holds more than a random network’s.',
      'A linear probe and the 20 nearest neighbours read the classes off it, on examples the source never learned; labels enter only here, so this also judges a source that learned without them.',
      'On the unit sphere a good embedding keeps together what belongs together (alignment) and uses the whole sphere for the rest (uniformity).',
    ],
    formula: String.raw`\ell_{\mathrm{uniform}} = \log\, \mathbb E_{x,y}\, e^{-2\lVert f(x)-f(y)\rVert^2},\qquad \ell_{\mathrm{align}} = \mathbb E_{(x,x^+)} \lVert f(x)-f(x^+)\rVert^2`,
    reference: { text: 'Wang and Isola, Understanding Contrastive Representation Learning through Alignment and Uniformity on the Hypersphere, ICML 2020', url: 'https://arxiv.org/abs/2005.10242' },
  },
  beliefs: {
    sentences: [
      'Before it sees a downstream example, a prior already says something: draw networks from it and ask them, which is the prior predictive.',
      'At a small λ the draws answer as the learned network does; as λ grows they forget and contradict each other, and how soon differs from prior to prior.',
      'The walk goes through the low-rank prior one direction at a time, beside steps of the same length in a random direction.',
    ],
    formula: String.raw`p(y \mid x) = \tfrac1M \sum_{m} p(y \mid x, w_m, h_m),\quad w_m \sim \mathcal N(\bar w, \lambda\Sigma)`,
    reference: { text: 'Gelman, Simpson and Betancourt, The Prior Can Often Only Be Understood in the Context of the Likelihood, Entropy 2017', url: 'https://arxiv.org/abs/1708.07487' },
  },
  downstream: {
    sentences: [
      'Every arm is one way of learning the new task from n examples: from scratch, plainly from the pre-trained weights, or under one of five priors.',
      'All arms see the same examples, batches and head starts, and each is tuned with the same number of runs by its validation loss.',
      'The race shows the validation loss of each arm’s best run so far, with a band over seeds; lower is better.',
    ],
    formula: String.raw`e(w,h) = \mathrm{NLL}(w,h) - \tfrac1n\left[\log p_\lambda(w) + \log \mathcal N(h \mid 0, \kappa^{-1} I)\right]`,
    reference: { text: 'Harvey et al., Simple Baselines Better than Previously Reported, TMLR 2024', url: 'https://arxiv.org/abs/2405.15583' },
  },
  verdict: {
    sentences: [
      'Each row is an arm’s mean over seeds on examples never used for tuning, with a 95% t interval.',
      'The differences are paired by seed, which is far sharper than comparing two intervals; a verdict must hold beside all others of the table (Holm), so that among arms that do not differ one in twenty tables at most finds any.',
      'The difference to L2-SP tells whether the learned covariance helped beyond the starting point.',
    ],
    formula: String.raw`\bar\Delta \pm t_{0.975,\,S-1}\; s_\Delta / \sqrt{S}`,
    reference: { text: 'Harvey et al., Simple Baselines Better than Previously Reported, TMLR 2024', url: 'https://arxiv.org/abs/2405.15583' },
  },
  surface: {
    sentences: [
      'Each map is the loss on one plane through weight space: first the one through the pre-trained mean, plain fine-tuning and a learned prior; choose others above it.',
      'Dragging λ adds more or less of the prior to the training loss, so its minimum moves; the test loss stays where it is.',
      'The alignment gap is the distance between the two minima along a line, over all seeds: a good prior brings them together, and the table says when it does not.',
    ],
    formula: String.raw`\mathrm{gap} = \left|\arg\min_t\, e(\theta_t) - \arg\min_t\, \mathrm{NLL}_{\mathrm{test}}(\theta_t)\right|`,
    reference: PTYL,
  },
  inference: {
    sentences: [
      'A prior is more than a regulariser: with it the downstream task has a posterior, and averaging the predictions of many networks drawn from it is the Bayesian answer.',
      'The average of probabilities stands beside the single (MAP) solution and beside a deep ensemble, which is the baseline to beat; differences are paired by seed.',
      'A sampler may fail silently: traces, R̂, effective sample sizes and the kinetic temperature say whether its chains really sampled.',
    ],
    formula: String.raw`p(y \mid x) \approx \tfrac1S \sum_{s=1}^{S} p(y \mid x, \theta_s),\qquad \theta_s \sim p(\theta \mid \mathcal D)^{1/T}`,
    reference: { text: 'Zhang et al., Cyclical Stochastic Gradient MCMC, ICLR 2020', url: 'https://arxiv.org/abs/1902.03932' },
  },
  study: {
    sentences: [
      'A whole comparison at each value of one setting, every arm tuned anew there: by default at each number n of labelled examples.',
      'Training sets are nested: the examples of a smaller n are among those of a larger one with the same seed, so a seed’s curve is one data set growing.',
      'Labels saved: the n′ at which a rival reaches the NLL that an arm has at n, read between the sizes in log n; its interval is what a paired t test cannot tell from equality.',
    ],
    formula: String.raw`\mathrm{saved}(n) = n' - n,\qquad \mathrm{NLL}_{\mathrm{rival}}(n') = \mathrm{NLL}_{\mathrm{arm}}(n)`,
    reference: { text: 'Holm, A Simple Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 1979', url: 'https://www.jstor.org/stable/4615733' },
  },
} as const satisfies Record<string, Explanation>;
