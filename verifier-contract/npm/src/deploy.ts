// Where a deployment's contracts are, and what to send to bring them there: the same as `veilmark contracts deploy`. Apart from the
// rest, as the contracts' code is in it.

import { type Address, type Hex, concat, encodeAbiParameters, getCreate2Address } from 'viem';
import { claimRouterAbi } from './generated/abi.js';
import { type ClaimDescription } from './generated/claims.js';
import { initCode } from './generated/bytecode.js';

export { initCode };

/** The deterministic deployer, at the same address on nearly every chain. It takes a salt and code, and runs the code. */
export const DEPLOYER: Address = '0x4e59b44847b379578588920cA78FbF26c0B4956C';
/** The salt of every deployment: they differ by the router's arguments. */
export const SALT: Hex = `0x${'00'.repeat(32)}`;

/** What a router is made with: `IClaimRouter.Deployment`. */
export interface Beginnings {
  owner: Address;
  guardian: Address;
  delay: bigint;
  allowSameGuardian: boolean;
  claims: readonly { description: ClaimDescription; verifier: Address; keys: readonly Address[] }[];
}

/** A contract to be made: where it will be, and the data of the transaction to `DEPLOYER` that makes it. */
export interface Planned {
  name: keyof typeof initCode;
  address: Address;
  data: Hex;
}

const ADDRESS = { type: 'address' } as const;
const BEGINNINGS = claimRouterAbi.find((item) => item.type === 'constructor')!.inputs;

function planned(name: keyof typeof initCode, args: Hex): Planned {
  const bytecode = concat([initCode[name], args]);
  return { name, address: getCreate2Address({ from: DEPLOYER, salt: SALT, bytecode }), data: concat([SALT, bytecode]) };
}

/** A generated verifier. */
export function verifier(name: keyof typeof initCode): Planned {
  return planned(name, '0x');
}

/** A data contract, as a verifying key is one: whatever the code is, it is what lies at the address afterwards. */
export function dataContract(code: Hex): { address: Address; data: Hex } {
  const length = (code.length - 2) / 2;
  if (length > 24_576) throw new Error('longer than EIP-170 allows');
  const bytecode = concat([`0x61${length.toString(16).padStart(4, '0')}80600a5f395ff3`, code]);
  return { address: getCreate2Address({ from: DEPLOYER, salt: SALT, bytecode }), data: concat([SALT, bytecode]) };
}

/** Router, registry of models, content registry and tokens, in an order in which each finds those that it needs. */
export function contracts(beginnings: Beginnings): [Planned, Planned, Planned, Planned] {
  const router = planned('ClaimRouter', encodeAbiParameters(BEGINNINGS, [beginnings]));
  const models = planned('ModelRegistry', encodeAbiParameters([ADDRESS], [router.address]));
  const registry = planned('ContentRegistry', encodeAbiParameters([ADDRESS, ADDRESS], [router.address, models.address]));
  const token = planned(
    'AuthenticityToken',
    encodeAbiParameters([ADDRESS, ADDRESS, ADDRESS], [router.address, models.address, registry.address]),
  );
  return [router, models, registry, token];
}
