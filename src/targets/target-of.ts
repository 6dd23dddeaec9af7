// What decompose() is given, as a target.
import type { Target } from './target.js';
import { denseFrom, type TensorLike } from './tensor-like.js';
import { isObject } from '../tensor/require.js';
import { hasForm, requireTarget } from './require-target.js';

/** A target as it is; a tensor of another library as a dense target. @throws InputError for anything else. */
export async function targetOf(who: string, input: Target | TensorLike): Promise<Target> {
  if (!isObject(input) || typeof input['kind'] !== 'string') return denseFrom(who, input);
  // Kinds without a form are unknown, or added by the caller: who loads their handle knows.
  if (hasForm(input.kind)) requireTarget(who, input);
  return input as Target;
}
