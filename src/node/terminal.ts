// What a stream can show: its width, colors, Unicode blocks, and whether a line may be rewritten. Asked once, passed on.
import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

export interface Terminal {
  /** A person watches: lines may be rewritten. */
  readonly interactive: boolean;
  /** Characters in a line; 80 where nobody says. */
  readonly columns: number;
  readonly unicode: boolean;
  /** The text without control characters, which names of files and columns may hold; with what ASCII has for × and … where it must be. */
  plain(text: string): string;
  /** The text in a style, or as it is where colors are not wanted. */
  paint(style: Style, text: string): string;
}

/** The stream as it is, unless `NO_COLOR`, `FORCE_COLOR`, `TERM` or the locale say otherwise (https://no-color.org). */
export function terminalOf(stream: NodeJS.WriteStream, env: NodeJS.ProcessEnv = process.env): Terminal {
  const interactive = stream.isTTY && env['TERM'] !== 'dumb';
  const colors = wantsColors(interactive, env);
  const unicode = speaksUnicode(env);
  return {
    interactive,
    columns: Math.max(20, stream.columns || Number(env['COLUMNS']) || 80),
    unicode,
    plain: (text) => {
      const clean = withoutControls(text, colors);
      return unicode ? clean : clean.replaceAll('×', 'x').replaceAll('…', '...');
    },
    paint: (style, text) => (colors ? styleText(style, text) : text),
  };
}

/** Control characters but line ends and tabs move the cursor, ring, or rename the window; `colors`: styles of `paint` stay. */
const withoutControls = (text: string, colors: boolean): string =>
  text.replaceAll(/\x1b\[[\d;]*m|(?![\n\t])\p{Cc}/gu, (found) =>
    colors && found.length > 1 ? found : found.length > 1 ? '' : ' ',
  );

function wantsColors(interactive: boolean, env: NodeJS.ProcessEnv): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return interactive;
}

/** A locale that is set and is not UTF-8 (as C, POSIX) gets ASCII; with none set, Unicode is the better guess today. */
function speaksUnicode(env: NodeJS.ProcessEnv): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  return !locale || /utf-?8/i.test(locale);
}

/** Between two lines of progress in a file or pipe, milliseconds; to a terminal, where the line is rewritten. */
const pipeInterval = 5000;
const terminalInterval = 100;

/** One line that is rewritten while something runs; where it cannot be, a new line every five seconds. */
export class ProgressLine {
  readonly #stream: NodeJS.WriteStream;
  readonly #terminal: Terminal;
  readonly #quiet: boolean;
  readonly #begun = performance.now();
  #written = -Infinity;
  #shown = false;

  constructor(stream: NodeJS.WriteStream, quiet = false) {
    this.#stream = stream;
    this.#terminal = terminalOf(stream);
    this.#quiet = quiet;
  }

  show(text: string): void {
    if (this.#quiet) return;
    const now = performance.now();
    if (!this.#terminal.interactive) {
      if (now - Math.max(this.#written, this.#begun) < pipeInterval) return;
      this.#written = now;
      this.#stream.write(`polyadic: ${this.#terminal.plain(text)}\n`);
      return;
    }
    if (now - this.#written < terminalInterval) return;
    this.#written = now;
    this.#shown = true;
    const { columns } = terminalOf(this.#stream); // the window may have changed its size
    this.#stream.write(`\r\x1b[2K${this.#terminal.paint('dim', text.slice(0, columns - 1))}`);
  }

  clear(): void {
    if (this.#shown) this.#stream.write('\r\x1b[2K');
    this.#shown = false;
  }
}
