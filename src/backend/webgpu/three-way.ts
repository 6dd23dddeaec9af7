// A tensor of any order seen around one mode as a three-way array [outer, row, inner]: `row` runs over that mode (or over a run of
// neighboring ones), `outer` and `inner` over two groups of neighboring modes. Entry (o, i, q) lies at o · outerStride + i · rowStride + q · innerStride.

export interface ThreeWay {
  readonly mode: number;
  readonly outerModes: readonly number[];
  readonly innerModes: readonly number[];
  readonly outer: number;
  readonly rows: number;
  readonly inner: number;
  readonly outerStride: number;
  readonly rowStride: number;
  readonly innerStride: number;
}

/** The view around `mode`, or around the modes from it up to `end`. Modes before and after it are the groups; at either end the remaining modes are cut in two. */
export function threeWay(shape: readonly number[], mode: number, end = mode + 1): ThreeWay {
  const before = shape.map((_, k) => k).slice(0, mode);
  const after = shape.map((_, k) => k).slice(end);
  const [outerModes, innerModes] =
    before.length > 0 && after.length > 0 ? [before, after] : cut(shape, before.length > 0 ? before : after);
  const size = (modes: readonly number[]): number => modes.reduce((product, k) => product * shape[k]!, 1);
  const strideAfter = (k: number): number => shape.slice(k + 1).reduce((product, n) => product * n, 1);
  const stride = (modes: readonly number[]): number => (modes.length > 0 ? strideAfter(modes[modes.length - 1]!) : 0);
  return {
    mode,
    outerModes,
    innerModes,
    outer: size(outerModes),
    rows: shape.slice(mode, end).reduce((product, n) => product * n, 1),
    inner: size(innerModes),
    outerStride: stride(outerModes),
    rowStride: strideAfter(end - 1),
    innerStride: stride(innerModes),
  };
}

/** The same view with a lone outer group as the inner one, where the long loop is; sums of such a view cannot be split. */
export function innermost(view: ThreeWay): ThreeWay {
  if (view.innerModes.length > 0) return view;
  const { outerModes, outer, outerStride } = view;
  return {
    ...view,
    outerModes: [],
    outer: 1,
    outerStride: 0,
    innerModes: outerModes,
    inner: outer,
    innerStride: outerStride,
  };
}

/** Cuts a run of modes where the two groups' tables are smallest together; a single mode goes to the outer group. */
export function cut(shape: readonly number[], modes: readonly number[]): [number[], number[]] {
  const size = (group: readonly number[]): number => group.reduce((product, k) => product * shape[k]!, 1);
  const cuts = modes.map((_, at): [number[], number[]] => [modes.slice(0, at + 1), modes.slice(at + 1)]);
  const inside = modes.length > 1 ? cuts.slice(0, -1) : cuts;
  return inside.reduce((best, next) => (size(next[0]) + size(next[1]) < size(best[0]) + size(best[1]) ? next : best));
}
