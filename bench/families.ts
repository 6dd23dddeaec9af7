// All families: every file of bench/cases is one, found by the bundler.
/// <reference types="vite/client" />
import type { Case } from './case.js';

const modules = import.meta.glob<readonly Case[]>('./cases/*.ts', { eager: true, import: 'cases' });

export const families: Readonly<Record<string, readonly Case[]>> = Object.fromEntries(
  Object.entries(modules).map(([path, cases]) => [path.replace(/^.*\/|\.ts$/g, ''), cases]),
);

/** Cases asked for: families and parts of case names, all when neither is named. */
export function chosenCases(names: readonly string[], quick: boolean, software: boolean): [string, readonly Case[]][] {
  const filters = names.filter((name) => !(name in families));
  const all = Object.entries(families).filter(([family]) => filters.length === names.length || names.includes(family));
  const wanted = ({ name, ...one }: Case): boolean =>
    filters.length > 0
      ? filters.some((filter) => name.includes(filter))
      : (!quick || one.quick === true) && !(one.hardwareOnly === true && software);
  return all
    .map(([family, cases]): [string, readonly Case[]] => [family, cases.filter(wanted)])
    .filter(([, cases]) => cases.length > 0);
}
