// The float64 view of a symmetric target, by its kind; made once a target, since some are dear (a moment tensor is formed).
import { InputError } from '../errors.js';
import type { SymmetricTarget } from '../targets/target.js';
import { denseSymmetricView } from './dense-symmetric-view.js';
import { factoredView } from './factored-view.js';
import { momentsView } from './moments-view.js';
import type { SymmetricView } from './symmetric-view.js';

const views = new WeakMap<SymmetricTarget, SymmetricView>();

export function viewOf(target: SymmetricTarget): SymmetricView {
  const known = views.get(target) ?? makeView(target);
  // A factored target says at once that it is not zero, and the square of its norm may underflow.
  if (target.kind !== 'factored' && !(known.norm > 0)) {
    throw new InputError(
      `decompose: expected a ${target.kind} target that is not zero, got norm ${known.norm}. Errors are relative to it.`,
    );
  }
  views.set(target, known);
  return known;
}

function makeView(target: SymmetricTarget): SymmetricView {
  switch (target.kind) {
    case 'factored':
      return factoredView(target);
    case 'denseSymmetric':
      return denseSymmetricView(target);
    case 'moments':
      return momentsView(target);
    default:
      return target satisfies never;
  }
}
