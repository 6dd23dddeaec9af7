// What can be said for a completion by variational inference: converged, or the first reason not to vouch for it.
import type { RunEnd } from '../result.js';
import type { UsedIndices } from '../targets/used-indices.js';
import { freeNumbers } from '../tensor/free-numbers.js';
import { rankOf, type Kruskal } from '../tensor/kruskal.js';
import { rowsWithValues, type Entries } from '../variational/entries.js';
import type { FoundModel } from '../variational/search-steps.js';
import { minAgreeing } from '../variational/search.js';
import { maxSurprise } from '../variational/surprise.js';

/** The end, with the choice of the rank that the search began with, where there was one: it vouches for no more than that does. */
export function withChoice(end: RunEnd, chosen: RunEnd | undefined): RunEnd {
  if (!chosen?.rankChoice) return end;
  const { rankChoice, stop, advice } = chosen;
  if (stop === 'converged') return { ...end, rankChoice };
  return { ...end, rankChoice, stop, advice: [advice, toPredict].filter(Boolean).join(' ') };
}

const toPredict =
  'To predict unknown cells rather than to find parts, give a larger rank, or smooth for modes whose neighbors are alike.';

/** Values per unknown of a model of noisy values: below it, one of three or four that starts agreed on was wrong. */
const minValues = 2;
/** Part of the wide starts that must predict the same unknown cells. */
const agreeingShare = 0.5;
/** No values are measured so well: a model that leaves less has fitted values without noise, though they do not determine it. */
const minError = 1e-7;
/** Where more than this is left of the values, what was found may be the lesser part of what there is. */
const maxError = 0.5;

export function endOf(entries: Entries, found: FoundModel, kruskal: Kruskal, relativeError: number): RunEnd {
  const { starts, agreeing } = found;
  const agreement = { agreeing, count: starts, compared: 'predictions' } as const;
  if (!found.isSettled) return { stop: 'stepLimit', agreement };
  const advice =
    tooFew(entries, found) ?? (found.isExact ? doubtOfExact(found) : doubtOf(entries, found, kruskal, relativeError));
  if (advice !== undefined) return { stop: 'stalled', agreement, advice };
  const right = found.fitted?.count ?? entries.count;
  if (right === entries.count) return { stop: 'converged', agreement };
  return {
    stop: 'converged',
    agreement,
    advice: `The model fits ${right} of the ${entries.count} values exactly; the other ${entries.count - right} are taken for wrong.`,
  };
}

/** Whether one component has more unknowns than there are values, so that none was looked for. */
function tooFew(entries: Entries, { hasRoom }: FoundModel): string | undefined {
  if (hasRoom) return undefined;
  const unknowns = freeNumbers(rowsWithValues(entries), 1);
  return `There are ${entries.count} values for the ${unknowns} unknowns of one component: too few to look for one. Give more values, or leave out indices that have few.`;
}

/** The end of a run without the indices that have no value, as that of all of them: nothing is known of those. */
export function overAllIndices(end: RunEnd, { target, spared, restoredSecondMoment }: UsedIndices): RunEnd {
  const { stop, advice, posterior } = end;
  const counts = spared.flatMap((count, mode) =>
    count > 0 ? [`${count} of ${target.shape[mode]! + count} indices of mode ${mode}`] : [],
  );
  const without = `${counts.join(', ')} have no value, and what is predicted for them is not known. Leave them out, or give values of them.`;
  return {
    ...end,
    ...(stop === 'stepLimit' ? {} : { stop: 'stalled', advice: [advice, without].filter(Boolean).join(' ') }),
    ...(posterior && 'secondMoment' in posterior
      ? { posterior: { ...posterior, secondMoment: restoredSecondMoment(posterior.secondMoment) } }
      : {}),
  };
}

const doubtOfExact = ({ agreeing }: FoundModel): string | undefined =>
  agreeing >= minAgreeing
    ? undefined
    : 'The model fits the values exactly, but another search did not come to it: others may fit as well, and predict other unknown cells. Give more values, or the rank if you know it.';

/** The first reason not to vouch for a model of noisy values. */
function doubtOf(
  { shape, count, local, variance }: Entries,
  { starts, agreeing, surprise, isAtLimit, smooth, model }: FoundModel,
  kruskal: Kruskal,
  relativeError: number,
): string | undefined {
  const rank = rankOf(kruskal);
  const unknowns = freeNumbers(shape, rank);
  if (rank === 0)
    return 'The values speak for no component: noise, or too few of them. Give more values, or the rank if you know it.';
  const atLimit = `The search for more than ${rank} components came to its limit, and there may be more. Give the rank.`;
  // A picture needs components that its values alone would not determine.
  if (smooth && isAtLimit) return atLimit;
  if (count < minValues * unknowns)
    return `There are ${count} values for the ${unknowns} unknowns of rank ${rank}, too few to tell whether the model is right. Give more values, or ask for a smaller rank.`;
  if (!local && relativeError < minError)
    return 'The model fits the values to rounding, but they do not determine all of it: others fit as well, and predict other unknown cells. Give more values, or the rank if you know it.';
  if (surprise > maxSurprise)
    return `Held-out values have ${surprise.toPrecision(2)} times the squared error that the model expects, so its noise level or its rank is wrong. Give more values, raise starts, or try another rank or seed.`;
  if (isAtLimit) return atLimit;
  if (agreeing < Math.max(minAgreeing, agreeingShare * starts))
    return `Only ${agreeing} of ${starts} wide starts predict the same unknown cells, so a better model may exist. Give more values, raise starts, or try another seed.`;
  if (unexplained() > maxError)
    return 'What is left is as large as what was found: noise, or components that the values are too few for. Give more values.';
  return undefined;

  /** Of what is no gross error. Counts and binaries vary as they do, whatever the model. */
  function unexplained(): number {
    if (!local) return relativeError;
    return local.isRobust && model ? Math.sqrt(model.noise / variance) : 0;
  }
}
