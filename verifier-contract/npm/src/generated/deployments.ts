// Made by `cargo xtask contracts`: do not edit.
import type { Deployment } from '../index.js';

/** Public deployments, by chain id. Whom each trusts is said by `veilmark contracts verify`. */
export const deployments: { readonly [chainId: number]: Deployment } = {};
