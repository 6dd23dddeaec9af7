// What readers are given: the bytes of a whole file.
import { requireForm } from '../tensor/require.js';

/** @throws InputError for anything but bytes; `who` complains. */
export function bytesOf(who: string, given: unknown, expected = 'a Uint8Array or an ArrayBuffer'): Uint8Array {
  if (given instanceof Uint8Array) return given;
  const isBuffer = Object.prototype.toString.call(given) === '[object ArrayBuffer]';
  requireForm(who, given, isBuffer, { name: 'the file', expected, remedy: 'Give all its bytes' });
  return new Uint8Array(given as ArrayBuffer);
}
