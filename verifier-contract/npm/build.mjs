// TypeScript to `dist`, and beside it the Solidity interfaces, as they are. `src/generated` is made by `cargo xtask contracts`.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const sources = `${here}../contracts/src/`;
/** What another contract imports, and what that imports. */
export const SOLIDITY = [
  'Context.sol', 'IAuthenticityToken.sol', 'IClaimRouter.sol', 'IClaimVerifier.sol', 'IContentRegistry.sol', 'IERC7007.sol',
  'IModelRegistry.sol', 'Types.sol',
];

for (const folder of ['dist', 'solidity']) rmSync(here + folder, { recursive: true, force: true });
mkdirSync(`${here}solidity`);
for (const name of SOLIDITY) cpSync(sources + name, `${here}solidity/${name}`);
execFileSync(process.execPath, [`${here}node_modules/typescript/bin/tsc`, '-p', here], { stdio: 'inherit' });
