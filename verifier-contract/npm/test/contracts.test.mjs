// The package against the contracts themselves: a front end's day on a chain, with a proof that the program made.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  claimOf, claimRouterAbi, contentRegistryAbi, contextOf, decodeRegistered, errorsAbi, publicInputs, recordIdOf, recordOf, statusName,
} from '@veilmark/contracts';
import { contracts, dataContract, DEPLOYER, verifier } from '@veilmark/contracts/deploy';
import { getAddress, keccak256, slice, toBytes, toHex } from 'viem';
import { bundle, keyCode, startChain } from './chain.mjs';

let chain;
before(async () => { chain = await startChain(); });
after(() => chain?.stop());

/** Accounts of the program's practice chain, whose names make them: the bundle is bound to its registry. */
const named = (role) => getAddress(slice(keccak256(toBytes(`veilmark practice chain ${role}`)), 12));
const claim = claimOf(bundle.claim);
const record = recordOf(bundle);

async function send(transaction) {
  const hash = await chain.wallet.sendTransaction({ gas: 12_000_000n, ...transaction });
  const receipt = await chain.client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  return receipt;
}

async function write(request) {
  const hash = await chain.wallet.writeContract(request);
  return chain.client.waitForTransactionReceipt({ hash });
}

test('deploy, add a key, check, register, read', async () => {
  const owner = await chain.become(named('router owner'));
  const seller = await chain.become(getAddress(bundle.context.registrant));
  const made = contracts({ owner, guardian: owner, delay: 0n, allowSameGuardian: true, claims: [] });
  const [router, , registry] = made.map((contract) => contract.address);
  assert.equal(registry, bundle.context.registry, 'where the program says that it is');
  const key = dataContract(keyCode);
  for (const { data } of [...made, verifier(claim.verifier), key]) await send({ account: owner, to: DEPLOYER, data });
  for (const { address } of made) assert.ok(await chain.client.getCode({ address }));

  const onRouter = { address: router, abi: claimRouterAbi, account: owner };
  await write({ ...onRouter, functionName: 'addClaim', args: [claim.description, verifier(claim.verifier).address] });
  await write({ ...onRouter, functionName: 'addKey', args: [key.address] });
  await write({ ...onRouter, functionName: 'reviewKey', args: [bundle.vk_hash] });
  assert.equal((await chain.client.readContract({ ...onRouter, functionName: 'claimOf', args: [claim.id] })).claimId, claim.id);

  const onRegistry = { address: registry, abi: [...contentRegistryAbi, ...errorsAbi], account: seller };
  const ask = (functionName, args, more = {}) => chain.client.readContract({ ...onRegistry, functionName, args, ...more });
  const context = contextOf(31337, registry, seller);
  assert.equal(await ask('contextOf', [seller]), context);
  assert.equal(await ask('recordIdOf', [record]), recordIdOf(record));
  const inputs = await chain.client.readContract({
    ...onRouter, functionName: 'publicInputsOf', args: [claim.id, record.statement, context],
  });
  assert.deepEqual([...inputs], publicInputs(claim, record.statement, context));

  // A no is a no, with its reason for whoever asks for it.
  assert.equal(await ask('holds', [record, false, bundle.proof]), true);
  const forged = { ...record, statement: { ...record.statement, tolerance: record.statement.tolerance + 1 } };
  assert.equal(await ask('holds', [forged, false, bundle.proof]), false);
  await assert.rejects(ask('check', [forged, false, bundle.proof]), /ProofInvalid/);

  const { logs } = await write({ ...onRegistry, functionName: 'register', args: [record, bundle.proof] });
  const log = logs.find((log) => getAddress(log.address) === registry && log.topics[0] === topicOfRegistered(logs));
  const said = decodeRegistered(log);
  assert.equal(said.recordId, recordIdOf(record));
  assert.equal(said.claimId, claim.id);
  assert.deepEqual({ ...said.record, statement: { ...said.record.statement } }, {
    ...record, registrant: seller, statement: { ...record.statement },
  });
  assert.equal(statusName(await ask('status', [said.recordId])), 'Valid');
  await write({ ...onRegistry, functionName: 'revoke', args: [record] });
  assert.equal(statusName((await ask('read', [record]))[1]), 'Revoked');
});

/** The event with the most data is the record's. */
function topicOfRegistered(logs) {
  return logs.reduce((most, log) => (log.data.length > most.data.length ? log : most)).topics[0];
}

// `holds` answers from the outcome of a call of its own, which gets 63 of 64 parts of the gas. However little there is, a proof that
// holds is never refused: the call reverts, or it says yes. A proof that does not hold is never accepted.
test('no is never said for want of gas', async () => {
  const owner = named('router owner');
  const [, , { address: registry }] = contracts({ owner, guardian: owner, delay: 0n, allowSameGuardian: true, claims: [] });
  const request = { address: registry, abi: [...contentRegistryAbi, ...errorsAbi], functionName: 'holds' };
  const answer = async (args, gas) => {
    try {
      return await chain.client.readContract({ ...request, args, gas });
    } catch {
      return 'reverted';
    }
  };
  const forged = { ...record, statement: { ...record.statement, fingerprint: toHex(1, { size: 32 }) } };
  const heard = { true: 0, false: 0, reverted: 0 };
  for (let gas = 30_000n; gas < 600_000n; gas += 1_500n) {
    const said = await answer([record, false, bundle.proof], gas);
    assert.notEqual(said, false, `${gas} gas`);
    heard[said] += 1;
    assert.notEqual(await answer([forged, false, bundle.proof], gas), true, `${gas} gas`);
  }
  assert.ok(heard.true > 50 && heard.reverted > 50, JSON.stringify(heard));
  // the edge, step by step: where the least gas that suffices lies
  let [low, high] = [30_000n, 600_000n];
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if ((await answer([record, false, bundle.proof], middle)) === true) high = middle;
    else low = middle;
  }
  for (let gas = high - 120n; gas < high + 40n; gas += 1n) assert.notEqual(await answer([record, false, bundle.proof], gas), false, `${gas} gas`);
});
