// What white noise looks like in the spectrum of an unfolding, and how many singular values stand out from it.
// The eigenvalues of E Eᵀ, E [a, b] of independent entries with variance σ², fill the Marchenko-Pastur bulk
//   σ² (√b − √a)²  …  σ² (√b + √a)²,   their median b σ² μ(a / b)   for a ≤ b,
// and the largest one varies by about σ² (√a + √b)(1/√a + 1/√b)^{1/3}. Marchenko & Pastur, Math. USSR Sb. 1 (1967); Johnstone, "On the
// distribution of the largest eigenvalue in principal components analysis", Ann. Stat. 29 (2001); the median as an estimate of σ²:
// Gavish & Donoho, "The optimal hard threshold for singular values is 4/√3", IEEE Trans. Inf. Theory 60 (2014).

/** Units of the fluctuation of the largest eigenvalue: 99 % of noise stays below (Tracy-Widom). */
const fluctuations = 2;

/** Largest eigenvalue of E Eᵀ for unit variance, but for 1 % of noise. */
export function noiseEdge(rows: number, columns: number): number {
  const a = Math.sqrt(rows);
  const b = Math.sqrt(columns);
  return (a + b) ** 2 + fluctuations * (a + b) * (1 / a + 1 / b) ** (1 / 3);
}

/** Smallest of the min(rows, columns) eigenvalues for unit variance. The smallest one varies more where the sizes are close. */
function lowerEdge(rows: number, columns: number): number {
  const low = Math.abs(Math.sqrt(columns) - Math.sqrt(rows));
  const fluctuation = 3 * Math.max(low, 1) * (1 / Math.sqrt(Math.min(rows, columns)) + 0.5) ** (1 / 3);
  return 0.9 * Math.max(low ** 2 - fluctuation, 0);
}

const medians = new Map<number, number>();

/**
 * The median μ(β) of the Marchenko-Pastur law with ratio β ≤ 1 and unit variance, to three digits, by summing its density over the
 * angle θ of x = 1 + β + 2√β cos θ: (2/π) sin²θ / x has no singularity, where the density in x has one at 0 for β = 1.
 */
export function marchenkoPasturMedian(ratio: number): number {
  const beta = Math.round(ratio * 1000) / 1000;
  const known = medians.get(beta);
  if (known !== undefined) return known;
  const cells = 1000;
  const at = (theta: number): number => 1 + beta + 2 * Math.sqrt(beta) * Math.cos(theta);
  let mass = 0;
  let last = 0;
  let k = 0;
  for (; mass < 0.5; k++) {
    const theta = (Math.PI * (k + 0.5)) / cells;
    last = ((2 / cells) * Math.sin(theta) ** 2) / at(theta);
    mass += last;
  }
  const median = at((Math.PI * (k - (mass - 0.5) / last)) / cells);
  medians.set(beta, median);
  return median;
}

/** Eigenvalues that a bulk must have to be told from structure: five, and a fifth of all. */
const minBulk = (rows: number, columns: number): number => Math.max(5, Math.floor(Math.min(rows, columns) / 5));

/**
 * The smallest k for which the eigenvalues of X_(n) X_(n)ᵀ [rows, rows] after the k-th fill a Marchenko-Pastur bulk, compared at both of
 * its ends (many equal components would pass at the upper one alone). Undefined where none does: the residual has structure, or there is no
 * room for noise. `eigenvalues` descending, of the unfolding [rows, columns].
 */
export function noiseRank(eigenvalues: Float64Array, columns: number): number | undefined {
  const rows = eigenvalues.length;
  for (let k = 0; k <= Math.min(rows, columns) - minBulk(rows, columns); k++) {
    const short = Math.min(rows, columns) - k;
    const long = Math.max(rows, columns) - k;
    const tail = eigenvalues.subarray(k, k + short);
    const middle = (tail[Math.floor((short - 1) / 2)]! + tail[Math.floor(short / 2)]!) / 2;
    const variance = middle / (long * marchenkoPasturMedian(short / long));
    const isBulk =
      tail[0]! <= variance * noiseEdge(short, long) && tail[short - 1]! >= variance * lowerEdge(short, long);
    if (variance > 0 && isBulk) return k;
  }
  return undefined;
}
