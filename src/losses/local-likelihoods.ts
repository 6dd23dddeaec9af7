// The Gaussians that stand for the likelihood of a value y in variational inference, where the model is distributed as N(m, v) (see
// variational/local-gaussians.ts): by lower bounds of log p(y | x) that are quadratic in x where there are such, else by matching the slope and the
// curvature of E log p(y | x).
//   studentT        exact: a Gaussian whose precision has a Gamma distribution, of mean w / σ², w = (ν + 1) / (ν + E (y − x)² / σ²);
//                   ν is learned in powers of 2 (Lange, Little & Taylor, JASA 84 (1989); Liu & Rubin, Statistica Sinica 5 (1995))
//   huber           the quadratic that touches Huber's loss, w = min(1, β / √E (y − x)²) (Huber & Ronchetti, "Robust Statistics", 2009,
//                   sec. 7.8). Its tails have no room for gross errors, so that models are compared by the likelihood of Student's t
//   bernoulliLogit  the bound of Jaakkola & Jordan, "Bayesian parameter estimation via variational methods", Stat. Comput. 10 (2000)
//   poissonLog      E log p = y m − e^{m + v/2}, exact; the secant of its slope between m and the best m for y, whose fixed points are
//                   those of natural-gradient steps (Knowles & Minka, "Non-conjugate variational message passing", NIPS 2011)
//   poisson         variance = mean, w ∝ 1 / m: Fisher scoring. E log p to second order in x − m, which is no bound
import { bernoulliLogit } from './bernoulli-logit.js';
import type { LocalLoss } from './local.js';
import { maxLogRate, poissonLog } from './poisson-log.js';

export interface Local {
  value: number;
  weight: number;
  logLikelihood: number;
}

interface Learned {
  readonly noise: number;
  readonly squaredError: number;
  readonly weightScale: number;
}

export interface LocalLikelihood {
  readonly isRobust: boolean;
  /** Of the values in the units of the model, gross errors left out: where searches begin. */
  readonly mean: number;
  readonly variance: number;
  /** The Gaussian at a constant model. Both functions overwrite what they returned before. */
  readonly atConstant: (y: number) => Local;
  readonly at: (y: number, mean: number, variance: number, noise: number) => Local;
  /** Forgets what it has learned. */
  readonly restart: () => void;
  /** Before the first of the values, and after the last: σ² as they suggest it, the mean squared error, and what weights are to be multiplied by. */
  readonly begin: () => void;
  readonly learn: (noise: number, isToLearn: boolean) => Learned;
  readonly surprise: (y: number, mean: number, variance: number, noise: number) => readonly [number, number];
}

/** `knowsModel`: whether what is missing is no longer the model, but how the values vary about it. */
export function likelihoodOf(
  loss: LocalLoss,
  values: Float64Array,
  { parameter, knowsModel }: { readonly parameter: number | undefined; readonly knowsModel: boolean },
): LocalLikelihood {
  switch (loss) {
    case 'studentT':
      return robust(values, knowsModel, undefined);
    case 'huber':
      return robust(values, knowsModel, (noise) => parameter ?? efficient * Math.sqrt(noise));
    case 'bernoulliLogit':
      return bernoulli(values);
    case 'poissonLog':
      return logarithmic(values);
    case 'poisson':
      return rates(values);
    default:
      return loss satisfies never;
  }
}

/** Standard deviations where squares end: 95 % as efficient as least squares without gross errors (Holland & Welsch 1977). */
const efficient = 1.345;
/** Robust, and nearly as efficient as Gaussians where the noise is Gaussian: what Lange, Little & Taylor suggest. */
const firstFreedom = 4;
const maxFreedom = 64;
/** Gaussian values have this many times their median deviation as standard deviation. */
const gaussian = 1.4826;

/** Largest part of the values that gross errors may be. */
const maxShare = 0.5;

/**
 * y = x + Student's t with ν degrees of freedom and scale σ; where `knowsModel`, in a share ε of the values, y is Cauchy about the median of
 * the values, whatever x is. With π the probability that y is no such error, w = π (ν + 1) / (ν + E (y − x)² / σ²); σ², ν and ε are
 * learned. The tails of t alone lead a search past errors, but where values are exact or Gaussian beside gross errors, they make ν small
 * and an estimate a fifth worse than it could be. With `end`, where squares end, weights are Huber's instead.
 */
function robust(
  values: Float64Array,
  knowsModel: boolean,
  end: ((noise: number) => number) | undefined,
): LocalLikelihood {
  const mean = medianOf(values);
  const spread = gaussian * medianOf(values.map((value) => Math.abs(value - mean)));
  const variance = spread ** 2 || varianceAbout(values, mean) || Number.MIN_VALUE;
  let freedom = firstFreedom;
  let share = knowsModel ? 1 / values.length : 0;
  let rights = 0;
  let weights = 0;
  let given = 0;
  let squares = 0;
  let errors = 0;
  let count = 0;
  // Of half as many degrees of freedom, as many, and twice as many: Σ π log(1 + square / (ν σ²)).
  const logarithms = new Float64Array(3);
  const local: Local = { value: 0, weight: 1, logLikelihood: 0 };
  const weightOf = (square: number): number => (freedom + 1) / (freedom + square);
  /** log of (1 − ε) times the density of the value without a gross error, and of ε times that with one. */
  const logRight = (square: number, noise: number): number =>
    Math.log1p(-share) + logScale(freedom) - 0.5 * Math.log(noise) - 0.5 * (freedom + 1) * Math.log1p(square / freedom);
  const logWrong = (y: number): number =>
    Math.log(share) + logScale(1) - 0.5 * Math.log(variance) - Math.log1p((y - mean) ** 2 / variance);
  return {
    isRobust: true,
    mean,
    variance,
    atConstant(y) {
      local.value = y;
      local.weight = 1;
      return local;
    },
    restart: () => void (freedom = firstFreedom),
    begin() {
      rights = weights = given = squares = errors = count = 0;
      logarithms.fill(0);
    },
    at(y, m, v, noise) {
      const error = (y - m) ** 2;
      const square = error + v;
      const right = logRight(square / noise, noise);
      const wrong = logWrong(y);
      const isRight = 1 / (1 + Math.exp(wrong - right));
      const weight = isRight * weightOf(square / noise);
      rights += isRight;
      weights += weight;
      squares += weight * square;
      errors += weight * error;
      count++;
      const scaled = square / (freedom * noise);
      logarithms[0]! += isRight * Math.log1p(2 * scaled);
      logarithms[1]! += isRight * Math.log1p(scaled);
      logarithms[2]! += isRight * Math.log1p(scaled / 2);
      local.value = y;
      local.weight = end ? Math.min(1, end(noise) / Math.sqrt(square)) : weight;
      given += local.weight;
      local.logLikelihood = Math.max(right, wrong) + Math.log1p(Math.exp(-Math.abs(right - wrong)));
      return local;
    },
    learn(_, isToLearn) {
      // Over Σ w instead of the count: the same fixed point, sooner (Kent, Tyler & Vardi 1994).
      const noise = squares / weights;
      if (isToLearn) {
        const likelihoodOf = (nu: number, sum: number): number => rights * logScale(nu) - 0.5 * (nu + 1) * sum;
        const now = likelihoodOf(freedom, logarithms[1]!);
        if (freedom < maxFreedom && likelihoodOf(2 * freedom, logarithms[2]!) > now) freedom *= 2;
        else if (freedom > 1 && likelihoodOf(freedom / 2, logarithms[0]!) > now) freedom /= 2;
        if (knowsModel) share = Math.min(Math.max(1 - rights / count, 1 / count), maxShare);
      }
      // How much values tell, whatever the unit of Huber's loss.
      return { noise, squaredError: errors / weights, weightScale: weights / given };
    },
    // The slope of the log-likelihood by log σ² has mean 0.
    surprise(y, m, v, noise) {
      const square = (y - m) ** 2 / (noise + v);
      const isRight = 1 / (1 + Math.exp(logWrong(y) - logRight(square, noise + v)));
      return [isRight * weightOf(square) * square, isRight];
    },
  };
}

const logScales = new Map<number, number>();

/** log of the density of Student's t at 0: Γ((ν + 1)/2) / (Γ(ν/2) √(νπ)), by Γ(x + 1) = x Γ(x). */
function logScale(freedom: number): number {
  let known = logScales.get(freedom);
  if (known !== undefined) return known;
  let ratio = freedom % 2 === 1 ? 1 / Math.sqrt(Math.PI) : Math.sqrt(Math.PI) / 2;
  for (let nu = freedom % 2 === 1 ? 1 : 2; nu < freedom; nu += 2) ratio *= (nu + 1) / nu;
  known = Math.log(ratio / Math.sqrt(freedom * Math.PI));
  logScales.set(freedom, known);
  return known;
}

/** What losses without a noise of their own have in common: σ² is the variance of the pseudo-values at a constant model. */
const withoutNoise = (noise: number) =>
  ({
    isRobust: false,
    restart: () => undefined,
    begin: () => undefined,
    learn: () => ({ noise, squaredError: noise, weightScale: 1 }),
  }) as const;

function bernoulli(values: Float64Array): LocalLikelihood {
  // Half a one and half a zero more, so that there are some of both.
  const share = (sumOf(values) + 0.5) / (values.length + 1);
  const mean = bernoulliLogit.constantFor(share);
  const noise = 1 / (share * (1 - share));
  const { mean: sigmoid } = bernoulliLogit;
  const local: Local = { value: 0, weight: 1, logLikelihood: 0 };
  const at = (y: number, m: number, v: number): Local => {
    const xi = Math.sqrt(m * m + v);
    const precision = xi > 1e-4 ? Math.tanh(xi / 2) / (2 * xi) : 0.25;
    local.value = (y - 0.5) / precision;
    local.weight = noise * precision;
    local.logLikelihood = (y - 0.5) * m - 0.5 * xi - Math.log1p(Math.exp(-xi));
    return local;
  };
  return {
    ...withoutNoise(noise),
    mean,
    variance: noise,
    at,
    atConstant: (y) => at(y, mean, 0),
    surprise(y, m, v) {
      // E of the logistic function, to a good approximation (MacKay 1992).
      const p = sigmoid(m / Math.sqrt(1 + (Math.PI * v) / 8));
      return [(y - p) ** 2, p * (1 - p)];
    },
  };
}

function logarithmic(values: Float64Array): LocalLikelihood {
  const rate = (sumOf(values) + 0.5) / values.length;
  const mean = Math.log(rate);
  const noise = 1 / rate;
  const local: Local = { value: 0, weight: 1, logLikelihood: 0 };
  const at = (y: number, m: number, v: number): Local => {
    const logRate = Math.min(m + v / 2, maxLogRate);
    const expected = Math.exp(logRate);
    const gap = y > 0 ? Math.log(y) - logRate : -1;
    const precision = y > 0 && Math.abs(gap) > 1e-4 ? (y - expected) / gap : expected;
    local.value = m + (y - expected) / precision;
    local.weight = noise * precision;
    local.logLikelihood = y * m - poissonLog.mean(logRate);
    return local;
  };
  return {
    ...withoutNoise(noise),
    mean,
    variance: Math.max(varianceAbout(values, rate) / rate ** 2, noise),
    at,
    atConstant: (y) => at(y, mean, 0),
    surprise(y, m, v) {
      const expected = Math.exp(Math.min(m + v / 2, maxLogRate));
      return relativeTo(rate, (y - expected) ** 2, expected + expected ** 2 * Math.expm1(Math.min(v, maxLogRate)));
    },
  };
}

/** Part of the mean that a rate counts for at least, so that no entry rules the others. */
const minRateShare = 0.05;

function rates(values: Float64Array): LocalLikelihood {
  const mean = (sumOf(values) + 0.5) / values.length;
  const least = minRateShare * mean;
  const local: Local = { value: 0, weight: 1, logLikelihood: 0 };
  const at = (y: number, m: number, v: number): Local => {
    const rate = Math.max(m, least);
    local.value = y;
    local.weight = mean / rate;
    local.logLikelihood = y * Math.log(rate) - rate - (0.5 * ((m - rate) ** 2 + v)) / rate;
    return local;
  };
  return {
    ...withoutNoise(mean),
    mean,
    variance: Math.max(varianceAbout(values, mean), mean),
    at,
    atConstant: (y) => at(y, mean, 0),
    surprise: (y, m, v) => relativeTo(mean, (y - m) ** 2, Math.max(m, least) + v),
  };
}

/** A squared error and its expectation, over that or the mean rate: large rates are not to rule the sum, nor small ones. */
const relativeTo = (rate: number, square: number, expected: number): readonly [number, number] => {
  const scale = Math.max(rate, expected);
  return [square / scale, expected / scale];
};

const sumOf = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

const varianceAbout = (values: Float64Array, mean: number): number =>
  values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;

function medianOf(values: Float64Array): number {
  const sorted = values.slice().sort();
  return sorted[sorted.length >> 1]!;
}
