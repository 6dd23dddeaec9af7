// A matrix in wide form: every record is a row of it, which may begin with the name of the row; a first record may name the
// columns. Cells of nothing (empty, NA, null, …) are unknown. Used by csv.ts.
import { InputError } from '../errors.js';
import {
  CoordinateList,
  numberOf,
  requireEntries,
  isMissingMark,
  valueIn,
  type DecimalMark,
} from './coordinate-list.js';
import type { CsvCoordinates } from './csv-columns.js';
import type { CsvRecord } from './csv-records.js';

interface WideOptions {
  readonly header?: boolean;
  readonly decimal?: DecimalMark;
}

export function readWide(
  who: string,
  records: Iterable<CsvRecord>,
  { header, decimal = '.' }: WideOptions,
): CsvCoordinates {
  const all = Array.from(records);
  const [first] = all;
  // With the other decimal mark, a field is still no name.
  const isNumber = (field: string): boolean => numberOf(field) !== undefined || numberOf(field, ',') !== undefined;
  const notices: string[] = [];
  const hasHeader = header ?? headerIn(all, isNumber, notices);
  const rows = hasHeader ? all.slice(1) : all;
  const corner = hasHeader ? (first?.fields[0] ?? '') : '';
  const hasNames = namesIn(rows, hasHeader ? corner : undefined, isNumber, notices);
  const begin = hasNames ? 1 : 0;
  const width = first?.fields.length ?? 0;
  const list = new CoordinateList(who, 2);
  rows.forEach(({ fields, line }, row) => {
    if (fields.length !== width) {
      throw new InputError(
        `${who}: expected ${width} fields on line ${line} as before, got ${fields.length}. Give every row as many.`,
      );
    }
    for (let column = begin; column < width; column++) {
      const field = fields[column]!;
      if (isMissingMark(field)) continue;
      list.add([row, column - begin], valueIn(who, field, { line, column: `column ${column + 1}`, decimal }));
    }
  });
  const { indices, values } = requireEntries(who, list);
  const rowNames = hasNames ? rows.map(({ fields }) => fields[0]!) : undefined;
  const columnNames = hasHeader ? first?.fields.slice(begin) : undefined;
  return {
    shape: [rows.length, width - begin],
    indices: indices.slice(),
    values,
    labels: [rowNames, columnNames],
    columns: [corner !== '' && hasNames ? corner : 'row', 'column', 'value'],
    notices,
  };
}

/** Names of rows: words, whatever stands below an empty corner, or numbers that count the rows below a name. */
function namesIn(
  rows: readonly CsvRecord[],
  corner: string | undefined,
  isNumber: (field: string) => boolean,
  notices: string[],
): boolean {
  if (corner === '') return true;
  const first = rows.map(({ fields }) => fields[0] ?? '');
  const counts = rows.length > 1 && [0, 1].some((base) => first.every((field, i) => field === String(i + base)));
  if (corner !== undefined && counts) {
    notices.push(`column 1 (${corner}) counts the rows, and is taken for their names`);
    return true;
  }
  const word = first.findIndex((field) => !isNumber(field) && !isMissingMark(field));
  if (word >= 0 && first.some(isNumber)) {
    notices.push(
      `column 1 holds numbers and words (${first[word]} on line ${rows[word]?.line}): all are names of rows`,
    );
  }
  return word >= 0;
}

/** Names of columns are words, or years above numbers that are not, or numbers beside an empty corner. */
function headerIn(
  [first, ...rows]: readonly CsvRecord[],
  isNumber: (field: string) => boolean,
  notices: string[],
): boolean {
  const [corner = '', ...others] = first?.fields ?? [];
  const isWord = (field: string): boolean => !isNumber(field) && !isMissingMark(field);
  if (others.some(isWord)) return true;
  const areYears = (fields: readonly string[]): boolean =>
    fields.length > 0 && fields.every((field) => /^(1[89]|20)\d\d$/.test(field));
  const isHeader = corner === '' && rows.some(({ fields }) => isWord(fields[0] ?? ''));
  if (!isHeader && !(areYears(others) && !rows.some(({ fields }) => areYears(fields.slice(1))))) return false;
  notices.push(`line ${first?.line} is taken for the names of the columns; if it is a row, say header: false`);
  return true;
}
