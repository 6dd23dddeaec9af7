import type { Matrix } from '../tensor/matrix.js';
export function pencilVectors(a: Matrix, b: Matrix): Matrix | undefined { void a; void b; return undefined; }
