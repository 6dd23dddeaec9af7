// Which entries of an array a range of workgroups touches. An array may be larger than a kernel can bind at once; then the
// recorder cuts the dispatch so that what each range of workgroups touches is a window that can be bound. The number of a
// workgroup is made of digits (batch item, block of rows, …), and so are places in arrays: Σ digit · stride.

/** Half open: begin … end − 1. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Entries of arrays, by binding. */
export type Reached<name extends string = string> = { readonly [binding in name]?: Range };

/** Entries that workgroups begin … end − 1 of a dispatch touch, of every array that may be large. */
export type Reach<name extends string = string> = (groups: Range) => Reached<name>;

export const upTo = (end: number): Range => ({ begin: 0, end });

/** What blocks of `size` things cover of `count` things. */
export const covered = ({ begin, end }: Range, size: number, count: number): Range => ({
  begin: Math.min(begin * size, count),
  end: Math.min(end * size, count),
});

type Box<R extends readonly number[]> = [Range, ...{ [k in keyof R]: Range }];

/**
 * The digits of the numbers in a range, slowest first, as boxes that hold these numbers and no others: a digit takes part of
 * its values at both ends and all of them between. `radices` are those of all digits but the slowest.
 */
export function boxes<const R extends readonly number[]>(range: Range, ...radices: R): Box<R>[] {
  return boxesOf(range, radices) as unknown as Box<R>[];
}

function boxesOf({ begin, end }: Range, radices: readonly number[]): Range[][] {
  if (radices.length === 0) return [[{ begin, end }]];
  const size = radices.reduce((product, radix) => product * radix, 1);
  const [low, high] = [Math.floor(begin / size), Math.floor((end - 1) / size)];
  const inside = (slow: number, from: number, to: number): Range[][] =>
    boxesOf({ begin: from, end: to }, radices.slice(1)).map((box) => [{ begin: slow, end: slow + 1 }, ...box]);
  if (low === high) return inside(low, begin - low * size, end - low * size);
  const between = high - low > 1 ? [[{ begin: low + 1, end: high }, ...radices.map(upTo)]] : [];
  return [...inside(low, begin - low * size, size), ...between, ...inside(high, 0, end - high * size)];
}

/** The least range that holds what all of the boxes touch. */
export function hull<B>(all: readonly B[], touched: (box: B) => Range): Range {
  return all
    .map(touched)
    .reduce((one, other) => ({ begin: Math.min(one.begin, other.begin), end: Math.max(one.end, other.end) }));
}

/** From the first to the last of the places Σ digit · stride, of digits with their strides. */
export function span(...terms: readonly (readonly [Range, number])[]): Range {
  return {
    begin: terms.reduce((sum, [{ begin }, stride]) => sum + begin * stride, 0),
    end: terms.reduce((sum, [{ end }, stride]) => sum + (end - 1) * stride, 0) + 1,
  };
}

/** The invocations of workgroups of 64, of `count` that there are. */
export const invocations = (groups: Range, count: number): Range => covered(groups, 64, count);

/** The entries of rows of `width` entries. */
export const rowsOf = ({ begin, end }: Range, width: number): Range => ({ begin: begin * width, end: end * width });

export const movedBy = ({ begin, end }: Range, by: number): Range => ({ begin: begin + by, end: end + by });

/**
 * Cuts a range into ranges that `fits` accepts, each as long as it can be; `fits` must accept every part of what it accepts.
 * Undefined where it refuses a single one.
 */
export function cutWhere(count: number, fits: (range: Range) => boolean): Range[] | undefined {
  const ranges: Range[] = [];
  for (let begin = 0; begin < count;) {
    let [good, bad] = [begin, count + 1];
    while (bad - good > 1) {
      // The rest at once, else halve.
      const end = bad > count ? count : Math.floor((good + bad) / 2);
      if (fits({ begin, end })) good = end;
      else bad = end;
    }
    if (good === begin) return undefined;
    ranges.push({ begin, end: good });
    begin = good;
  }
  return ranges;
}
