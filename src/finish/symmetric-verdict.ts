// What can be said for a symmetric model that was found and polished. "Converged" means that nothing speaks against it: the fit is
// exact, or the entries speak plainly for these components and what they leave is noise. Else it is 'stalled', with what to do. Called
// by staged, after every search, and by the finish of the flows (symmetric.ts).
import { degeneracy } from '../analysis/degeneracy.js';
import { isCrowded, isFull, isTooFull } from '../compaction/evidence.js';
import type { SymmetricView } from '../handles/views/symmetric-view.js';
import type { RunEnd } from '../result.js';
import { norm } from '../tensor/inner-product.js';
import { toKruskal, type SymmetricKruskal } from '../tensor/kruskal.js';

export interface SymmetricAnswer {
  readonly kruskal: SymmetricKruskal;
  readonly relativeError: number;
  /** Whether the entries plainly speak for these components; where a rank is given, whether there are as many (compaction/fit-noisy.ts). */
  readonly plain: boolean;
  /** Whether another search came to the same components. */
  readonly confirmed: boolean;
}

/** Cosine of two components below which they count as nearly opposite. */
const oppositeCosine = -0.85;
/** A residual larger than this share of the target is not called noise, whatever the entries say. */
const maxNoise = 0.5;

const unsure = {
  large:
    'What is left is as large as what was found: noise, or components that the search did not find. Try another seed or a larger width.',
  open: 'The entries do not say plainly how many components there are. Give the rank if you know it, or compare other seeds and widths.',
  atRank:
    'The entries do not confirm these components: others of this rank may fit as well. Compare other seeds and widths, or give more data.',
  tooSmall: 'What is left is no noise: more components fit plainly better. Try a larger rank, or leave it out.',
  canceling:
    'Two components grow large and cancel each other: the smallest error at this rank is a limit that no model reaches. Try another rank.',
  full: 'The fit is exact, but any tensor of this size has such a fit: the components have as many numbers as the tensor has entries.',
} as const;

const noiseAdvice = (relativeError: number): string =>
  `What is left, ${relativeError.toPrecision(2)} of the target, is noise as far as the entries tell.`;

/** How a run ends with this answer; `rank` and `tolerance` as they were asked for. */
export function symmetricVerdict(
  view: Pick<SymmetricView, 'noisy' | 'given'>,
  answer: SymmetricAnswer,
  { rank, tolerance }: { readonly rank: number | 'auto'; readonly tolerance: number },
): RunEnd {
  const { kruskal, relativeError, plain } = answer;
  const components = kruskal.weights.length;
  if (relativeError <= tolerance) {
    const anyTensorFits = isFull(view.given, components);
    return anyTensorFits ? { stop: 'converged', advice: unsure.full } : { stop: 'converged' };
  }
  if (relativeError > maxNoise) return { stop: 'stalled', advice: unsure.large };
  if (cancels(kruskal)) return { stop: 'stalled', advice: unsure.canceling };
  // A target that is given by its components has no noise: what is left of it is not explained.
  const isSure = plain && view.noisy && !needsConfirmation(view, answer) && !isTooFull(view.given, components);
  if (isSure) return { stop: 'converged', advice: noiseAdvice(relativeError) };
  const isTooSmall = rank !== 'auto' && components === rank && !(plain && view.noisy);
  return { stop: 'stalled', advice: rank === 'auto' ? unsure.open : isTooSmall ? unsure.tooSmall : unsure.atRank };
}

/** Whether another search has to come to the same model before it is believed. */
export const needsConfirmation = (
  { given }: Pick<SymmetricView, 'given'>,
  { kruskal, confirmed }: Pick<SymmetricAnswer, 'kruskal' | 'confirmed'>,
): boolean => !confirmed && isCrowded(given, kruskal.weights.length);

/** Whether two components are nearly opposite and each is as large as the whole model. */
export function cancels(model: SymmetricKruskal): boolean {
  const pair = degeneracy(toKruskal(model));
  return pair.cosine < oppositeCosine && pair.norm > norm(model);
}
