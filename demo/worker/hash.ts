// A hash of numbers to the last bit, to see that a state computed again is the same one.

/** FNV-1a over the bytes of float64, twice with different starts: 16 hexadecimal digits. */
export function hashNumbers(...parts: readonly ArrayLike<number>[]): string {
  const bytes = parts.map((part) => new Uint8Array(Float64Array.from(part).buffer));
  const half = (start: number): string => {
    let hash = start;
    for (const part of bytes) for (const byte of part) hash = Math.imul(hash ^ byte, 0x01000193);
    return (hash >>> 0).toString(16).padStart(8, '0');
  };
  return half(0x811c9dc5) + half(0x9dc5811c);
}
