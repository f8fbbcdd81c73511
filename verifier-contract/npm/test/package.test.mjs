// What the package computes is what the program computes: `generated/vectors.json` and the stored bundle are the program's.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { claims, claimOf, contextOf, publicInputs, recordIdOf, statementOf, STATUSES, statusName } from '@veilmark/contracts';
import { contracts, verifier } from '@veilmark/contracts/deploy';
import { encodeAbiParameters, keccak256, numberToHex } from 'viem';
import { claimRouterAbi } from '@veilmark/contracts';
import { bundle } from './chain.mjs';

const vectors = JSON.parse(readFileSync(new URL('generated/vectors.json', import.meta.url), 'utf8'));
const word = (byte) => `0x${byte.toString(16).padStart(2, '0').repeat(32)}`;
const account = (byte) => `0x${byte.toString(16).padStart(2, '0').repeat(20)}`;

test('addresses are those that the program computes', () => {
  for (const claim of claims) assert.equal(verifier(claim.verifier).address, vectors.verifiers[claim.name]);
  const { owner, guardian, delay, key, ...expected } = vectors.deployment;
  const input = (claim) => ({ description: claim.description, verifier: verifier(claim.verifier).address, keys: [key] });
  const made = contracts({ owner, guardian, delay: BigInt(delay), allowSameGuardian: false, claims: claims.map(input) });
  const [router, models, registry, token] = made.map((contract) => contract.address);
  assert.deepEqual({ router, models, registry, token }, expected);
});

test("a claim's id is the hash of its description", () => {
  const [description] = claimRouterAbi.find((item) => item.name === 'addClaim').inputs;
  for (const claim of claims) assert.equal(keccak256(encodeAbiParameters([description], [claim.description])), claim.id);
});

test("a record's id and a context are the program's", () => {
  const statement = {
    imageCommitment: word(1), sourceCommitment: word(0), fingerprint: word(3), modelHash: word(4), promptCommitment: word(5),
    tolerance: 31, extra: [word(8), word(9)],
  };
  assert.equal(recordIdOf({ vkHash: word(10), registrant: account(11), modelId: 12n, statement }), vectors.record_id);
  assert.equal(contextOf(31337, account(21), account(22)), BigInt(vectors.context));
});

test("a bundle's public inputs follow from its statement, in the contract's order", () => {
  const { chain_id, registry, registrant } = bundle.context;
  const inputs = publicInputs(claimOf(bundle.claim), statementOf(bundle), contextOf(chain_id, registry, registrant));
  assert.deepEqual(inputs.map((input) => numberToHex(input, { size: 32 })), bundle.public_inputs);
});

test('what a statement states besides its fields is in `extra`', () => {
  const claim = { ...claimOf('fingerprint'), inputs: ['Width', 'Zero', 'Other', 'Context', 'FingerprintHigh', 'FingerprintLow', 'Tolerance'] };
  const statement = { fingerprint: `0x${'00'.repeat(15)}0100${'00'.repeat(14)}02`, tolerance: 7, extra: [word(1), word(2)] };
  assert.deepEqual(publicInputs(claim, statement, 9n), [BigInt(word(1)), 0n, BigInt(word(2)), 9n, 1n, 2n, 7n]);
});

test('a status has a name', () => {
  assert.equal(statusName(0), 'Valid');
  assert.equal(statusName(4), 'Revoked');
  assert.equal(STATUSES.length, 5);
  assert.throws(() => statusName(5));
});
