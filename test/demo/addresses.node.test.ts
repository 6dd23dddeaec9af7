// Addresses: every setting of every view survives the way into an address and back, and those in docs/web.md say what they can say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applicable, fromQuery, toQuery, type Field, type Form } from '../../demo/shell/fields.js';
import { views } from '../../demo/views/views.js';
import { root } from '../support/project-files.js';

type Settings = Record<string, string | number>;

const formOf = async (name: string): Promise<Form<Settings>> =>
  ((await import(`../../demo/views/${name}/settings.ts`)) as { form: Form<Settings> }).form;

function valueOf(field: Field<Settings>): fc.Arbitrary<string | number> {
  switch (field.kind) {
    case 'integer':
      return fc.integer({ min: field.min, max: field.max });
    case 'number':
      return fc.double({ min: field.min, max: field.max, noNaN: true });
    case 'choice':
      return fc.constantFrom(...field.choices.map(([value]) => value));
    case 'several': {
      const names = field.choices.map(([value]) => String(value));
      // In the order of the table, at least one.
      return fc.subarray(names, { minLength: 1 }).map((some) => names.filter((name) => some.includes(name)).join());
    }
    default:
      return field satisfies never;
  }
}

test.each(Object.keys(views))('settings of %s come back from their address', async (name) => {
  const form = await formOf(name);
  const fields = Object.fromEntries(Object.entries(form.fields).map(([key, field]) => [key, valueOf(field)]));
  fc.assert(
    fc.property(fc.record(fields), (settings) => {
      const { settings: again, complaints } = fromQuery(form, new URLSearchParams(toQuery(form, settings)));
      expect(complaints).toEqual([]);
      for (const key of applicable(form, settings)) expect(again[key]).toBe(settings[key]);
    }),
  );
});

test('the defaults are within their own bounds', async () => {
  for (const name of Object.keys(views)) {
    const form = await formOf(name);
    const { settings, complaints } = fromQuery(form, new URLSearchParams(toQuery(form, form.defaults)));
    expect(complaints, name).toEqual([]);
    expect(settings, name).toEqual(form.defaults);
  }
});

test('the addresses in docs/web.md are of views that there are, with settings that they have', async () => {
  const readme = readFileSync(join(root, 'docs', 'web.md'), 'utf8');
  const addresses = [...readme.matchAll(/`#\/(\w+)\?([^`]*)`/g)];
  expect(addresses.length).toBeGreaterThanOrEqual(3);
  for (const [address, name = '', query = ''] of addresses) {
    expect(Object.keys(views), address).toContain(name);
    expect(fromQuery(await formOf(name), new URLSearchParams(query)).complaints, address).toEqual([]);
  }
});
