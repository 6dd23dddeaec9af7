// Which entries of an array a range of workgroups touches. An array may be larger than a kernel can bind at once; then the
// recorder cuts the dispatch so that what each range of workgroups touches is a window that can be bound. The number of a
// workgroup is made of digits (batch item, block of rows, …), and so are places in arrays: Σ digit · stride.

/** Half open: begin … end − 1. */
export interface Range {
  readonly begin: number;
  readonly end: number;
}

/** Entries of arrays that workgroups begin … end − 1 of a dispatch touch, for every array that may be large. */
export type Reach<name extends string = string> = (groups: Range) => { readonly [binding in name]?: Range };

export const upTo = (end: number): Range => ({ begin: 0, end });

/** What blocks of `size` things cover of `count` things. */
export const covered = ({ begin, end }: Range, size: number, count: number): Range => ({
  begin: Math.min(begin * size, count),
  end: Math.min(end * size, count),
});

type Digits<R extends readonly number[]> = [Range, ...{ [k in keyof R]: Range }];

/**
 * The range of every digit of the numbers in a range, slowest digit first; `radices` are those of all digits but the slowest.
 * Where a slower digit varies, a faster one takes all its values.
 */
export function digits<const R extends readonly number[]>({ begin, end }: Range, ...radices: R): Digits<R> {
  const ranges: Range[] = [];
  let [low, high] = [begin, end - 1];
  for (const radix of [...radices].reverse()) {
    const [slowerLow, slowerHigh] = [Math.floor(low / radix), Math.floor(high / radix)];
    ranges.push(slowerLow === slowerHigh ? { begin: low % radix, end: (high % radix) + 1 } : upTo(radix));
    [low, high] = [slowerLow, slowerHigh];
  }
  return [...ranges, { begin: low, end: high + 1 }].reverse() as unknown as Digits<R>;
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
