// A development chain for the tests: the pinned anvil, on a port of its own choosing.
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createPublicClient, createTestClient, createWalletClient, http } from 'viem';
import { foundry } from 'viem/chains';

const here = new URL('.', import.meta.url);
const scope = new URL('../../contracts/node_modules/@foundry-rs/', here);

/** A file of the repository. */
export const repository = (path) => readFileSync(new URL(`../../../${path}`, here), 'utf8');

/** A stored bundle, made by the program, and the code of its verifying key. */
export const bundle = JSON.parse(repository('tests/pins/fingerprint-24x17.veil.json'));
export const keyCode = repository('tests/pins/fingerprint-24x17.key').trim();

export async function startChain() {
  const name = readdirSync(scope).find((name) => name.startsWith('anvil-'));
  if (!name) throw new Error('anvil is not installed: run `npm ci` in verifier-contract/contracts');
  const anvil = spawn(new URL(`${name}/bin/anvil`, scope).pathname, ['--port', '0', '--chain-id', '31337'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise((resolve, reject) => {
    let text = '';
    anvil.once('exit', () => reject(new Error(`anvil ended: ${text}`)));
    anvil.stdout.on('data', (data) => {
      text += data;
      const found = /Listening on 127\.0\.0\.1:(\d+)/.exec(text);
      if (found) resolve(Number(found[1]));
    });
  });
  const options = { chain: foundry, transport: http(`http://127.0.0.1:${port}`) };
  const test = createTestClient({ mode: 'anvil', ...options });
  return {
    client: createPublicClient(options),
    wallet: createWalletClient(options),
    /** An account that signs nothing: the chain takes what it sends. */
    async become(address) {
      await test.impersonateAccount({ address });
      await test.setBalance({ address, value: 10n ** 20n });
      return address;
    },
    stop: () => anvil.kill(),
  };
}
