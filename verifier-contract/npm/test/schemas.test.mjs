// The schemas of `docs/schemas` are schemas, by a validator that knows all of draft 2020-12, and they are as strict as they look. That the
// program's answers and files are what they say is tested with the program.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import { bundle, repository } from './chain.mjs';

const base = 'file:///docs/schemas/';
const ajv = new Ajv({ strict: true, allErrors: true, strictRequired: true, allowUnionTypes: false });
const names = ['fields.json'];
for (const folder of ['answers', 'files']) {
  for (const name of readdirSync(new URL(`../../../docs/schemas/${folder}`, import.meta.url))) {
    if (name.endsWith('.json')) names.push(`${folder}/${name}`);
  }
}
for (const name of names) ajv.addSchema(JSON.parse(repository(`docs/schemas/${name}`)), base + name);
const valid = (name, value) => ajv.getSchema(base + name)(value);

test('every schema is one', () => {
  assert.ok(names.length > 60);
  for (const name of names) assert.ok(ajv.getSchema(base + name), name);
});

test('a bundle is what its schema says, and nothing else is', () => {
  assert.ok(valid('files/bundle.json', bundle));
  const changes = [
    (b) => delete b.proof,
    (b) => { b.more = 1; },
    (b) => { b.fingerprint = b.fingerprint.slice(2); },
    (b) => { b.public_inputs = { low: b.public_inputs[0] }; },
    (b) => { b.context.registry = 'nobody'; },
    (b) => { b.format = 'veilmark opening'; },
  ];
  for (const change of changes) {
    const changed = structuredClone(bundle);
    change(changed);
    assert.ok(!valid('files/bundle.json', changed), change.toString());
  }
});

test('an answer of a failure is an answer of every command', () => {
  const error = { code: 2, name: 'usage', retry: false, message: 'no', hint: 'yes' };
  for (const name of names.filter((name) => name.startsWith('answers/') && name !== 'answers/text.json' && name !== 'answers/unsent.json')) {
    assert.ok(valid(name, { error }), name);
    assert.ok(!valid(name, { error, another: 1 }), name);
  }
});
