// What a front end or an indexer asks of Veilmark's contracts. Everything here follows docs/contracts.md.

import { type Address, type Hex, decodeEventLog, encodeAbiParameters, keccak256, toBytes } from 'viem';
import { contentRegistryAbi } from './generated/abi.js';
import { type Claim, claims } from './generated/claims.js';
import { STATUSES } from './generated/enums.js';

export * from './generated/abi.js';
export * from './generated/claims.js';
export * from './generated/enums.js';
export { deployments } from './generated/deployments.js';

/** What a proof states, as the contracts take it. */
export interface Statement {
  imageCommitment: Hex;
  sourceCommitment: Hex;
  fingerprint: Hex;
  modelHash: Hex;
  promptCommitment: Hex;
  tolerance: number;
  extra: readonly Hex[];
}

/** What a registration says, as the contracts take it. */
export interface Record {
  vkHash: Hex;
  registrant: Address;
  modelId: bigint;
  statement: Statement;
}

/** A bundle, `*.veil.json`: docs/schemas/files/bundle.json. */
export interface Bundle {
  format: string;
  version: number;
  claim: string;
  circuit: string;
  vk_hash: Hex;
  srs_id: Hex;
  unsafe_development: boolean;
  k: number;
  width: number;
  height: number;
  architecture?: Hex;
  commitments: readonly { role: string; digest: Hex }[];
  fingerprint: Hex;
  tolerance: number;
  context: { chain_id: number; registry: Address; registrant: Address };
  /** In the order in which the verifier takes them. */
  public_inputs: readonly Hex[];
  decoder: string;
  proof: Hex;
  digest: Hex;
}

/** A deployment's manifest, `deployment.json`: docs/schemas/files/deployment.json. */
export interface Deployment {
  format: string;
  chain_id: number;
  first_block: number;
  complete: boolean;
  deployer: Address;
  salt: Hex;
  owner: Address;
  guardian: Address;
  delay: number;
  same_guardian_allowed: boolean;
  router: Address;
  models: Address;
  registry: Address;
  token: Address;
  contracts: readonly { name: string; address: Address; arguments: Hex }[];
  claims: readonly { name: string; claim_id: Hex; verifier: Address }[];
  keys: readonly DeploymentKey[];
}

/** A verifying key that a deployment's maker computed. */
export interface DeploymentKey {
  vk_hash: Hex;
  vk: Address;
  claim: string;
  srs_id: Hex;
  unsafe_development: boolean;
  k: number;
  width: number;
  height: number;
  architecture: Hex | null;
}

/** What a record is worth. */
export type Status = (typeof STATUSES)[number];

/** The name of what `IContentRegistry.status` and `read` answer. */
export function statusName(status: number): Status {
  const name = STATUSES[status];
  if (!name) throw new Error(`there is no status ${status}`);
  return name;
}

const ZERO: Hex = `0x${'00'.repeat(32)}`;
const RECORD = contentRegistryAbi.find((item) => item.type === 'function' && item.name === 'recordIdOf')!.inputs;

/** The claim of this name or id; throws where there is none. */
export function claimOf(nameOrId: string): Claim {
  const found = claims.find((claim) => claim.name === nameOrId || claim.id === nameOrId);
  if (!found) throw new Error(`there is no claim ${nameOrId}`);
  return found;
}

/** The public input that binds a proof to a chain, a contract and a registrant: `IContentRegistry.contextOf`. */
export function contextOf(chainId: number | bigint, registry: Address, registrant: Address): bigint {
  const words = [
    { type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }, { type: 'address' },
  ] as const;
  const domain = keccak256(toBytes('veilmark context v1'));
  // one byte is dropped: the value is below the order of the scalar field
  return BigInt(keccak256(encodeAbiParameters(words, [domain, BigInt(chainId), registry, registrant]))) >> 8n;
}

/** What a bundle states. */
export function statementOf(bundle: Bundle): Statement {
  const digest = (role: string) => bundle.commitments.find((one) => one.role === role)?.digest ?? ZERO;
  const { inputs } = claimOf(bundle.claim);
  const others = bundle.public_inputs.filter((_, at) => EXTRA.has(inputs[at] ?? ''));
  return {
    imageCommitment: digest('picture'),
    sourceCommitment: digest('source'),
    fingerprint: bundle.fingerprint,
    modelHash: digest('model'),
    promptCommitment: digest('prompt'),
    tolerance: bundle.tolerance,
    extra: [...others, ...bundle.commitments.filter((one) => one.role === 'other').map((one) => one.digest)],
  };
}

/** The record that a bundle registers; `modelId` is the model's registration, for a claim that has one. */
export function recordOf(bundle: Bundle, modelId = 0n): Record {
  return { vkHash: bundle.vk_hash, registrant: bundle.context.registrant, modelId, statement: statementOf(bundle) };
}

/** `IContentRegistry.recordIdOf`. */
export function recordIdOf(record: Record): Hex {
  return keccak256(encodeAbiParameters(RECORD, [record]));
}

const EXTRA = new Set(['Width', 'Height', 'SourceWidth', 'SourceHeight', 'Other']);

/** The public inputs of a statement, in the order in which the claim's verifier takes them: `IClaimRouter.publicInputsOf`. */
export function publicInputs(claim: Claim, statement: Statement, context: bigint): bigint[] {
  const fingerprint = BigInt(statement.fingerprint);
  const extra = [...statement.extra];
  return claim.inputs.map((meaning) => {
    switch (meaning) {
      case 'Zero': return 0n;
      case 'FingerprintLow': return fingerprint & ((1n << 128n) - 1n);
      case 'FingerprintHigh': return fingerprint >> 128n;
      case 'Tolerance': return BigInt(statement.tolerance);
      case 'Context': return context;
      default: return BigInt(extra.shift() ?? ZERO);
    }
  });
}

/** What `ContentRegistered` says. Look at the log's address first: any contract can emit an event of this shape. */
export function decodeRegistered(log: { data: Hex; topics: [] | [Hex, ...Hex[]] }) {
  return decodeEventLog({ abi: contentRegistryAbi, eventName: 'ContentRegistered', data: log.data, topics: log.topics as [Hex, ...Hex[]] }).args;
}
