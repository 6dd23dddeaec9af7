// How the learning rate changes over a run, t = step / maxSteps from 0 to 1:
//   constant  1        linear  1 − t        cosine  ½ (1 + cos πt)  (Loshchilov & Hutter, "SGDR", ICLR 2017, without restarts)
// What does not vanish at the solution (the slope of L1, the noise of minibatches) needs a rate that does.

export const schedules = ['constant', 'linear', 'cosine'] as const;
export type Schedule = (typeof schedules)[number];

/** The factor on the learning rate of step `step`, from 0, of `maxSteps`. */
export function rateOf(schedule: Schedule, step: number, maxSteps: number): number {
  const t = Math.min(1, step / maxSteps);
  switch (schedule) {
    case 'constant':
      return 1;
    case 'linear':
      return 1 - t;
    case 'cosine':
      return 0.5 * (1 + Math.cos(Math.PI * t));
    default:
      return schedule satisfies never;
  }
}
