// What decompose() is given, as a target.
import type { Target } from './target.js';
import { denseFrom, type TensorLike } from './tensor-like.js';

/** A target as it is; a tensor of another library as a dense target. @throws InputError for anything else. */
export const targetOf = async (who: string, input: Target | TensorLike): Promise<Target> =>
  typeof input === 'object' && input !== null && 'kind' in input && typeof input.kind === 'string'
    ? input
    : denseFrom(who, input);
