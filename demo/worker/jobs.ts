// All computations of the page by name, one line each; loaded into the worker when first asked for. The page imports types only.

export const jobs = {
  discover: () => import('../views/discover/job.js').then(({ discover }) => discover),
  discoverState: () => import('../views/discover/job.js').then(({ discoverState }) => discoverState),
  picture: () => import('../views/picture/job.js').then(({ picture }) => picture),
  phase: () => import('../views/phase/job.js').then(({ phase }) => phase),
  tensor: () => import('../views/tensor/job.js').then(({ tensor }) => tensor),
  unmix: () => import('../views/unmix/job.js').then(({ unmix }) => unmix),
};

export type JobName = keyof typeof jobs;
type JobOf<N extends JobName> = Awaited<ReturnType<(typeof jobs)[N]>>;
type StreamOf<N extends JobName> = ReturnType<JobOf<N>>;
export type InputOf<N extends JobName> = Parameters<JobOf<N>>[0];
export type ReportOf<N extends JobName> = StreamOf<N> extends AsyncGenerator<infer Report> ? Report : never;
export type OutcomeOf<N extends JobName> = StreamOf<N> extends AsyncGenerator<unknown, infer Outcome> ? Outcome : never;
