// docs/events.md against the ABIs: topics, selectors, errors and the order of public inputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  authenticityTokenAbi, claimRouterAbi, claims, contentRegistryAbi, errorsAbi, modelRegistryAbi,
} from '@veilmark/contracts';
import { toEventSelector, toFunctionSelector } from 'viem';
import { repository } from './chain.mjs';

const page = repository('docs/events.md');
const rows = page.split('\n').filter((line) => line.startsWith('| ')).map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')).slice(1, -1));
const abis = { router: claimRouterAbi, content: contentRegistryAbi, models: modelRegistryAbi, token: authenticityTokenAbi };
const standard = ['Transfer', 'Approval', 'ApprovalForAll', 'EIP712DomainChanged', 'BatchMetadataUpdate'];

test('every event stands there with its topic', () => {
  let events = 0;
  for (const [contract, abi] of Object.entries(abis)) {
    for (const item of abi.filter((item) => item.type === 'event' && !standard.includes(item.name))) {
      const row = rows.find(([who, name, hash]) => who === contract && name === item.name && hash.length === 66);
      assert.equal(row?.[2], toEventSelector(item), `${contract}.${item.name}`);
      events += 1;
    }
  }
  assert.equal(rows.filter((row) => row[2]?.length === 66).length, events, 'and no other');
});

test('selectors are those of the ABIs', () => {
  const listed = rows.filter((row) => /^0x[0-9a-f]{8}$/.test(row[2]));
  assert.ok(listed.length >= 14);
  for (const [contract, name, selector] of listed) {
    assert.equal(selector, toFunctionSelector(abis[contract].find((item) => item.type === 'function' && item.name === name)), name);
  }
});

test("the public inputs of every claim stand there, in the verifier's order", () => {
  for (const claim of claims) {
    const row = rows.find(([name, inputs]) => name === claim.name && inputs);
    assert.equal(row?.[1], claim.inputs.join(', '), claim.name);
  }
});

test('the errors of a verifier are among all errors, and not in the registry', () => {
  const has = (abi) => abi.some((item) => item.type === 'error' && item.name === 'ProofInvalid');
  assert.ok(has(errorsAbi) && !has(contentRegistryAbi));
  assert.equal(toFunctionSelector('function ProofInvalid()'), '0x7fcdd1f4');
  assert.ok(page.includes('0x7fcdd1f4'));
});
