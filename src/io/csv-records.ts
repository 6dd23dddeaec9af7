// The records of a .csv file (RFC 4180): fields between separators, quoted or not; a quoted field may hold separators, doubled
// quotes and line breaks. Used by csv.ts.
import { InputError } from '../errors.js';
import type { Encoding } from './encoding.js';
import { linesOf, type Text } from './lines.js';

export interface CsvRecord {
  /** Without blanks around them. */
  readonly fields: readonly string[];
  /** Where the record begins, from 1. */
  readonly line: number;
}

interface Written {
  readonly text: string;
  readonly line: number;
}

/** In the order of preference: text and numbers rarely hold tabs or semicolons, but often commas. */
const separators = ['\t', ';', ',', '|'] as const;

/** Records that decide about the separator. */
const sampleSize = 100;

/** Records one after the other; those of empty fields alone are passed over. */
export function* recordsOf(who: string, text: Text, encoding: Encoding | undefined): Generator<CsvRecord, void> {
  const source = writtenRecords(who, text, encoding);
  const first: Written[] = [];
  for (let next = source.next(); !next.done; next = source.next()) {
    first.push(next.value);
    if (first.length === sampleSize) break;
  }
  // Excel's own line, sep=; or the like, says the separator.
  const said = /^sep=(.)$/.exec(first[0]?.text ?? '')?.[1];
  const separator = said ?? separatorOf(first.map((record) => record.text));
  const fieldsOf = fieldReader(who, separator);
  for (const written of said === undefined ? first : first.slice(1)) yield* recordOf(written, fieldsOf);
  for (const written of source) yield* recordOf(written, fieldsOf);
}

function* recordOf({ text, line }: Written, fieldsOf: ReturnType<typeof fieldReader>): Generator<CsvRecord, void> {
  const fields = fieldsOf(text, line);
  if (fields.some((field) => field !== '')) yield { fields, line };
}

/** Lines that are not blank; those with a quote left open go together with the lines up to where it is closed. */
function* writtenRecords(who: string, text: Text, encoding: Encoding | undefined): Generator<Written, void> {
  let open: string[] = [];
  let begin = 0;
  let line = 0;
  for (const written of linesOf(who, text, encoding)) {
    line++;
    const isOdd = written.includes('"') && written.split('"').length % 2 === 0;
    if (open.length === 0 && !isOdd) {
      if (written.trim() !== '') yield { text: written, line };
      continue;
    }
    if (open.length === 0) begin = line;
    open.push(written);
    if (open.length === 1 || !isOdd) continue;
    yield { text: open.join('\n'), line: begin };
    open = [];
  }
  if (open.length > 0) {
    throw new InputError(
      `${who}: expected quotes around whole fields on line ${begin}, got one that is never closed: ${open[0]!.trim().slice(0, 40)}. Close every quote, and double those inside.`,
    );
  }
}

/** The first separator that makes as many fields of every record, three or more; else the one of which the first record has most. */
function separatorOf(records: readonly string[]): string {
  const unquoted = records.map((record) => record.replaceAll(/"(?:[^"]|"")*"/g, 'quoted'));
  const counts = separators.map((separator) => unquoted.map((record) => record.split(separator).length));
  const steady = counts.findIndex(
    (all) => all[0] !== undefined && all[0] >= 3 && all.every((count) => count === all[0]),
  );
  const max = Math.max(...counts.map((all) => all[0] ?? 0));
  return separators[steady >= 0 ? steady : counts.findIndex((all) => (all[0] ?? 0) === max)] ?? ',';
}

function fieldReader(who: string, separator: string): (text: string, line: number) => string[] {
  // One field: quoted, where a doubled quote stands for one, or plain; then a separator or the end. Blanks may be tabs, unless
  // these are the separators.
  const blank = separator === '\t' ? ' *' : '[ \\t]*';
  const mark = separator.replace(/[\\^$.*+?()[\]{}|]/, '\\$&');
  const field = new RegExp(`${blank}(?:"((?:[^"]|"")*)"${blank}|([^"${mark}]*))(${mark}|$)`, 'y');
  return (text, line) => {
    if (!text.includes('"')) return text.split(separator).map((one) => one.trim());
    const fields: string[] = [];
    field.lastIndex = 0;
    for (;;) {
      const begin = field.lastIndex;
      const [all, quoted, plain, end] = field.exec(text) ?? [];
      if (all === undefined) {
        throw new InputError(
          `${who}: expected quotes around whole fields on line ${line}, got ${text.slice(begin, begin + 40)}. Close every quote, and double those inside.`,
        );
      }
      fields.push(quoted?.replaceAll('""', '"') ?? (plain ?? '').trim());
      if (end === '') return fields;
    }
  };
}
