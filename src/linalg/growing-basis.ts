// An orthonormal basis of the space that vectors span, found one vector at a time from a pool of candidates: the one that is furthest
// from the basis comes next (Gram-Schmidt with pivoting, Golub & Van Loan, section 5.4.2), and the basis is complete where all that are
// left lie in it within rounding.
import { transpose, type Matrix } from '../tensor/matrix.js';
import { concatenate } from '../tensor/concatenate.js';
import { euclideanNorm } from '../tensor/square-sum.js';
import { dot } from './dot.js';

/** What counts as rounding, relative to the largest candidate. */
const rounding = 1e-13;

export class GrowingBasis {
  readonly #rows: Float64Array[] = [];
  /** Candidates less their parts in the basis. */
  readonly #pool: Float64Array[] = [];
  #largest = 0;

  /** Vectors of the basis. */
  get size(): number {
    return this.#rows.length;
  }

  /** Candidates that are not in the basis. */
  get candidates(): number {
    return this.#pool.length;
  }

  add(candidate: Float64Array): void {
    this.#largest = Math.max(this.#largest, euclideanNorm(candidate));
    this.#pool.push(this.#without(candidate));
  }

  /** Takes the candidate that is furthest from the basis into it; false where all lie in it. About 6 flops for each number of the pool. */
  grow(): boolean {
    const norms = this.#pool.map(euclideanNorm);
    const furthest = norms.indexOf(Math.max(...norms));
    if (furthest < 0 || norms[furthest]! <= rounding * this.#largest) return false;
    // Once more, for what cancellation has left of the others.
    const rest = this.#without(this.#pool[furthest]!);
    this.#pool.splice(furthest, 1);
    const norm = euclideanNorm(rest);
    const row = rest.map((value) => value / norm);
    this.#rows.push(row);
    for (const other of this.#pool) subtractPart(other, row);
    return true;
  }

  /** [length, size], orthonormal columns. */
  get columns(): Matrix {
    const [first] = this.#rows;
    return transpose({ rows: this.size, columns: first?.length ?? 0, data: concatenate(this.#rows) });
  }

  #without(x: Float64Array): Float64Array {
    const rest = x.slice();
    for (const row of this.#rows) subtractPart(rest, row);
    return rest;
  }
}

/** x less its part along a unit vector, in place. */
function subtractPart(x: Float64Array, unit: Float64Array): void {
  const part = dot(unit, x);
  for (let i = 0; i < x.length; i++) x[i]! -= part * unit[i]!;
}
