// The same question put to TensorLy 0.9, measured once, on another machine (a pair of cores): dense entries, the right rank
// given, best of 10 starts, ten random instances of each kind. Quoted beside our figures, never divided by them.

export interface PublishedAnswer {
  /** Instances of 10 solved exactly. */
  readonly exact: number;
  /** Median, where told. */
  readonly seconds?: number;
}

/** By solver, then by the name of the kind in instances.ts. */
export const publishedAnswers: Readonly<Record<string, Readonly<Record<string, PublishedAnswer>>>> = {
  'TensorLy ALS, elsewhere': {
    'order 3, d 10, r 4': { exact: 10, seconds: 0.02 },
    'order 3, d 20, r 10': { exact: 10, seconds: 0.05 },
    'order 4, d 12, r 6': { exact: 10, seconds: 0.02 },
    'order 3, d 30, r 20': { exact: 10, seconds: 0.6 },
    'orthogonal, order 3, d 20, r 5': { exact: 6 },
    'overcomplete, order 3, d 8, r 10': { exact: 6, seconds: 0.6 },
    'weights 1 to 1/81, order 3, d 20, r 5': { exact: 0, seconds: 2.3 },
    'cosines 0.9, order 3, d 20, r 4': { exact: 0, seconds: 2.2 },
  },
  'TensorLy power iteration, elsewhere': {
    'order 3, d 10, r 4': { exact: 0 },
    'order 3, d 20, r 10': { exact: 0 },
    'order 4, d 12, r 6': { exact: 0 },
    'order 3, d 30, r 20': { exact: 0 },
    'orthogonal, order 3, d 20, r 5': { exact: 10, seconds: 0.1 },
    'overcomplete, order 3, d 8, r 10': { exact: 0 },
    'weights 1 to 1/81, order 3, d 20, r 5': { exact: 0 },
    'cosines 0.9, order 3, d 20, r 4': { exact: 0 },
  },
};
