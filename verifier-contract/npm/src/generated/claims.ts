// Made by `cargo xtask contracts`: do not edit.

import type { Hex } from 'viem';
import type { MEANINGS } from './enums.js';
import type { initCode } from './bytecode.js';

/** `ClaimDescription` of the contracts: its hash is the claim's id. */
export interface ClaimDescription {
  name: string;
  segments: readonly { domain: Hex; role: number; points: number; words: Hex }[];
  inputs: readonly number[];
  subjectWords: number;
  architectureWord: number;
  maxTolerance: number;
  impossibleInput: number;
  impossibleAbove: bigint;
}

/** A claim that there is a verifier for. */
export interface Claim {
  /** As bundles and the command line name it. */
  name: string;
  /** The same on every chain. */
  id: Hex;
  /** Name of the generated contract. */
  verifier: keyof typeof initCode;
  /** What each public input is, in order. */
  inputs: readonly (typeof MEANINGS)[number][];
  description: ClaimDescription;
}

export const claims: readonly Claim[] = [
{
  "description": {
    "architectureWord": 0,
    "impossibleAbove": 511n,
    "impossibleInput": 2,
    "inputs": [
      2,
      3,
      4,
      5
    ],
    "maxTolerance": 31,
    "name": "fingerprint-v1",
    "segments": [
      {
        "domain": "0xd5fdf8488a6110d9016885b50df686c27aca2babfb46ecbef132ea73e02afd76",
        "points": 3,
        "role": 1,
        "words": "0x03050708"
      }
    ],
    "subjectWords": 2
  },
  "id": "0x8ba0245a75339b83881930a2a558ebb8b7bbd043c2f5bae80fe92ef4ccf2f5b8",
  "inputs": [
    "FingerprintLow",
    "FingerprintHigh",
    "Tolerance",
    "Context"
  ],
  "name": "fingerprint",
  "verifier": "FingerprintVerifier"
},
{
  "description": {
    "architectureWord": 9,
    "impossibleAbove": 0n,
    "impossibleInput": 0,
    "inputs": [
      1,
      1,
      1,
      5
    ],
    "maxTolerance": 0,
    "name": "generation-v1",
    "segments": [
      {
        "domain": "0xd5fdf8488a6110d9016885b50df686c27aca2babfb46ecbef132ea73e02afd76",
        "points": 3,
        "role": 1,
        "words": "0x03050708"
      },
      {
        "domain": "0x01ebe212b95ede22f7cda29db0cd3e9e01d7b21c8810c5fd3b9685c6751208b5",
        "points": 1,
        "role": 3,
        "words": "0x030509"
      },
      {
        "domain": "0x739da387f7bc8e90350cdb9348f6dd3d78295fc3fb302b79923b61305c9358ac",
        "points": 8,
        "role": 4,
        "words": "0x030509"
      }
    ],
    "subjectWords": 3
  },
  "id": "0x044ce84498c06d39ba4e701a86328576352fc7af99719159a04d0d916bcf52ee",
  "inputs": [
    "Zero",
    "Zero",
    "Zero",
    "Context"
  ],
  "name": "generation",
  "verifier": "GenerationVerifier"
},
{
  "description": {
    "architectureWord": 9,
    "impossibleAbove": 511n,
    "impossibleInput": 2,
    "inputs": [
      2,
      3,
      4,
      5
    ],
    "maxTolerance": 31,
    "name": "authenticity-v1",
    "segments": [
      {
        "domain": "0xd5fdf8488a6110d9016885b50df686c27aca2babfb46ecbef132ea73e02afd76",
        "points": 3,
        "role": 1,
        "words": "0x03050708"
      },
      {
        "domain": "0x01ebe212b95ede22f7cda29db0cd3e9e01d7b21c8810c5fd3b9685c6751208b5",
        "points": 1,
        "role": 3,
        "words": "0x030509"
      },
      {
        "domain": "0x739da387f7bc8e90350cdb9348f6dd3d78295fc3fb302b79923b61305c9358ac",
        "points": 8,
        "role": 4,
        "words": "0x030509"
      }
    ],
    "subjectWords": 3
  },
  "id": "0x35e9289e66013f88a8a63824b5ee788e61af6f8ca0dc2d51984a5f07348ace57",
  "inputs": [
    "FingerprintLow",
    "FingerprintHigh",
    "Tolerance",
    "Context"
  ],
  "name": "authenticity",
  "verifier": "AuthenticityVerifier"
},
{
  "description": {
    "architectureWord": 0,
    "impossibleAbove": 511n,
    "impossibleInput": 2,
    "inputs": [
      2,
      3,
      4,
      5
    ],
    "maxTolerance": 31,
    "name": "committed-fingerprint-v1",
    "segments": [
      {
        "domain": "0xd5fdf8488a6110d9016885b50df686c27aca2babfb46ecbef132ea73e02afd76",
        "points": 3,
        "role": 1,
        "words": "0x03050708"
      },
      {
        "domain": "0x1b5008edcf25a2c330153382ffea4d88e7be8bf2ed77d89b4f207ec224c456ea",
        "points": 1,
        "role": 5,
        "words": "0x0305"
      }
    ],
    "subjectWords": 2
  },
  "id": "0x6b582f1612106512047e2760f89e2787397fbe1450bf34f5552d302494bd653b",
  "inputs": [
    "FingerprintLow",
    "FingerprintHigh",
    "Tolerance",
    "Context"
  ],
  "name": "committed-fingerprint",
  "verifier": "CommittedFingerprintVerifier"
},
];
