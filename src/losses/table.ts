// All losses by name. To add one, write its file beside these and a line here; nothing else names a loss.
import { bernoulliLogit } from './bernoulli-logit.js';
import { huber } from './huber.js';
import { l1 } from './l1.js';
import { l2 } from './l2.js';
import type { Loss } from './loss.js';
import { poisson } from './poisson.js';
import { poissonLog } from './poisson-log.js';
import { studentT } from './student-t.js';

export const losses = { l2, l1, huber, studentT, poisson, poissonLog, bernoulliLogit } as const satisfies Record<
  string,
  Loss
>;
