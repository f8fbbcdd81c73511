// The packaged interfaces, and the example that uses them, are compiled by the oldest compiler that their pragma names; and none imports
// what the package does not have.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import solc from 'solc-oldest';
import { repository } from './chain.mjs';

const folder = new URL('../solidity/', import.meta.url);
const names = readdirSync(folder);

test('the interfaces compile with 0.8.20', () => {
  assert.match(solc.version(), /^0\.8\.20\+/);
  const sources = Object.fromEntries(names.map((name) => [`src/${name}`, { content: readFileSync(new URL(name, folder), 'utf8') }]));
  const example = 'test/examples/Marketplace.sol';
  sources[example] = { content: repository(`verifier-contract/contracts/${example}`) };
  const settings = { outputSelection: { '*': { '*': ['abi'] } } };
  const { errors = [], contracts } = JSON.parse(solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })));
  assert.deepEqual(errors.map((error) => error.formattedMessage), []);
  assert.ok(contracts['src/IContentRegistry.sol'].IContentRegistry.abi.length > 20);
  assert.ok(contracts[example].Marketplace);
});

test('every source says so itself', () => {
  for (const name of names) assert.match(readFileSync(new URL(name, folder), 'utf8'), /^pragma solidity \^0\.8\.20;$/m, name);
});
