// The settings of a view as one plain object, and its text form: the query of the view's address. Every control is made
// from the table of fields and every address is read and checked against it, so the two cannot drift apart.

interface FieldCommon<S> {
  readonly label: string;
  readonly hint?: string;
  /** Whether it means anything with these settings. Default: always. */
  readonly applies?: (settings: S) => boolean;
}

export interface NumberField<S> extends FieldCommon<S> {
  readonly kind: 'integer' | 'number';
  readonly min: number;
  readonly max: number;
}

type Choices = readonly (readonly [value: string | number, label: string])[];

export interface ChoiceField<S> extends FieldCommon<S> {
  readonly kind: 'choice';
  readonly choices: Choices;
}

/** At least one of the choices; the value is their names, joined by commas in the order of the table. */
export interface SeveralField<S> extends FieldCommon<S> {
  readonly kind: 'several';
  readonly choices: Choices;
}

export type Field<S> = NumberField<S> | ChoiceField<S> | SeveralField<S>;

/** `S` has one string or number a field. */
export interface Form<S> {
  readonly fields: Readonly<Record<keyof S, Field<S>>>;
  readonly groups: readonly (readonly [legend: string, names: readonly (keyof S & string)[]])[];
  readonly defaults: S;
}

type Rest<S> = Omit<FieldCommon<S>, 'label'>;

export const integer = <S>(label: string, min: number, max: number, rest: Rest<S> = {}): Field<S> => ({
  kind: 'integer',
  label,
  min,
  max,
  ...rest,
});
export const number = <S>(label: string, min: number, max: number, rest: Rest<S> = {}): Field<S> => ({
  kind: 'number',
  label,
  min,
  max,
  ...rest,
});
export const choice = <S>(label: string, choices: Choices, rest: Rest<S> = {}): Field<S> => ({
  kind: 'choice',
  label,
  choices,
  ...rest,
});
export const several = <S>(label: string, choices: Choices, rest: Rest<S> = {}): Field<S> => ({
  kind: 'several',
  label,
  choices,
  ...rest,
});
export const seed = <S>(label: string): Field<S> => integer(label, 0, 4_294_967_295);
export const backendField = <S>(): Field<S> =>
  choice('Backend', [
    ['auto', 'auto'],
    ['webgpu', 'WebGPU'],
    ['cpu', 'CPU'],
  ]);

export type FieldName<S> = keyof S & string;

export const namesOf = <S>({ fields }: Form<S>): FieldName<S>[] => Object.keys(fields) as FieldName<S>[];

/** The fields that mean something with these settings, in the order of the table. */
export const applicable = <S>(form: Form<S>, settings: S): FieldName<S>[] =>
  namesOf(form).filter((name) => form.fields[name].applies?.(settings) ?? true);

/** `order=3&dim=20&…`, every field that applies, so that a link means the same after defaults change. */
export function toQuery<S>(form: Form<S>, settings: S): string {
  return new URLSearchParams(applicable(form, settings).map((name) => [name, String(settings[name])]))
    .toString()
    .replaceAll('%2C', ',');
}

/** Missing fields get their default; what cannot be used is left out and told in `complaints`. */
export function fromQuery<S>(form: Form<S>, query: URLSearchParams): { settings: S; complaints: string[] } {
  const complaints: string[] = [];
  const settings = { ...form.defaults } as Record<string, unknown>;
  for (const [name, text] of query) {
    const known = namesOf(form).find((one) => one === name);
    const value = known && parseField(form.fields[known], text);
    if (value !== undefined) settings[name] = value;
    else complaints.push(complaint(form, name, text, known));
  }
  return { settings: settings as S, complaints };
}

/** The value that a text stands for, or undefined. */
export function parseField<S>(field: Field<S>, text: string): string | number | undefined {
  if (field.kind === 'choice') return field.choices.map(([value]) => value).find((value) => String(value) === text);
  if (field.kind === 'several') {
    const names = text.split(',');
    const known = field.choices.map(([value]) => String(value));
    return names.every((name) => known.includes(name))
      ? known.filter((name) => names.includes(name)).join()
      : undefined;
  }
  const value = text.trim() === '' ? NaN : Number(text);
  const whole = field.kind === 'number' || Number.isInteger(value);
  return whole && value >= field.min && value <= field.max ? value : undefined;
}

/** What a field takes, in words. */
export function expectation<S>(field: Field<S>): string {
  if (field.kind === 'choice') return `one of ${field.choices.map(([value]) => value).join(', ')}`;
  if (field.kind === 'several') return `some of ${field.choices.map(([value]) => value).join(', ')}`;
  const range = `from ${field.min.toLocaleString('en')} to ${field.max.toLocaleString('en')}`;
  return `${field.kind === 'integer' ? 'a whole number' : 'a number'} ${range}`;
}

function complaint<S>(form: Form<S>, name: string, text: string, known: FieldName<S> | undefined): string {
  if (!known) return `The address has an unknown setting, ${name}; it is ignored.`;
  return `The address asks for ${name} = ${text}, but it must be ${expectation(form.fields[known])}; ${String(form.defaults[known])} is used.`;
}
