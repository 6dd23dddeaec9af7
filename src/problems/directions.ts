// Sets of unit vectors for planted problems: random, orthonormal, or with one common pairwise cosine. Rows, [rank, dim].
import { factorInPlace } from '../linalg/cholesky.js';
import { qr } from '../linalg/qr.js';
import { InputError } from '../errors.js';
import type { RandomStream } from '../random/stream.js';
import { transpose } from '../tensor/matrix.js';
import type { Matrix } from '../tensor/matrix.js';

/** Uniform (Haar) orthonormal rows, rank ≤ dim: the Q of a Gaussian matrix. Cost O(dim·rank²). */
export function orthonormalRows(random: RandomStream, rank: number, dim: number): Matrix {
  const data = random.fillNormal(new Float64Array(dim * rank));
  return transpose(qr({ rows: dim, columns: rank, data }).q);
}

/**
 * Unit rows with ⟨u_r, u_s⟩ = cosine for all r ≠ s, rank ≤ dim: L·Q with L·Lᵀ = (1 − cosine)·I + cosine·11ᵀ and orthonormal
 * rows Q, after Tomasi & Bro, Comput. Stat. Data Anal. 50 (2006). Possible for −1/(rank − 1) < cosine < 1.
 */
export function collinearRows(who: string, random: RandomStream, rank: number, dim: number, cosine: number): Matrix {
  const gram = new Float64Array(rank * rank).fill(cosine);
  for (let r = 0; r < rank; r++) gram[r * rank + r] = 1;
  if (!factorInPlace(gram, rank)) {
    throw new InputError(
      `${who}: expected a cosine above −1/(rank − 1) and below 1, got ${cosine} for rank ${rank}. Choose another cosine.`,
    );
  }
  const rows = orthonormalRows(random, rank, dim);
  const data = new Float64Array(rank * dim);
  for (let r = 0; r < rank; r++) {
    for (let s = 0; s <= r; s++) {
      const scale = gram[r * rank + s]!;
      for (let i = 0; i < dim; i++) data[r * dim + i] = data[r * dim + i]! + scale * rows.data[s * dim + i]!;
    }
  }
  return { rows: rank, columns: dim, data };
}
