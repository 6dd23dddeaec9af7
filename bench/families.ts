// All families: every file of bench/cases is one, found by the bundler.
/// <reference types="vite/client" />
import type { Case } from './case.js';

const modules = import.meta.glob<readonly Case[]>('./cases/*.ts', { eager: true, import: 'cases' });

export const families: Readonly<Record<string, readonly Case[]>> = Object.fromEntries(
  Object.entries(modules).map(([path, cases]) => [path.replace(/^.*\/|\.ts$/g, ''), cases]),
);

/** Cases asked for: those of a named family, and those whose name contains a name; all when nothing is named. */
export function chosenCases(names: readonly string[], quick: boolean, software: boolean): [string, readonly Case[]][] {
  const wanted = (family: string, one: Case): boolean => {
    if (names.length > 0 && names.every((name) => name in families || !one.name.includes(name))) {
      return names.includes(family) && suits(one, quick, software);
    }
    return names.length > 0 || suits(one, quick, software);
  };
  return Object.entries(families)
    .map(([family, cases]): [string, readonly Case[]] => [family, cases.filter((one) => wanted(family, one))])
    .filter(([, cases]) => cases.length > 0);
}

/** A case that is named is run in any event. */
function suits(one: Case, quick: boolean, software: boolean): boolean {
  return (!quick || one.quick === true) && !(one.hardwareOnly === true && software);
}
