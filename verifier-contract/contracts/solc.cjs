#!/usr/bin/env node
// The pinned Solidity compiler behind one call: standard JSON on stdin, standard JSON on stdout. `--version` names it, in
// the words that forge looks for. No import callback: every source, imported ones included, is part of the input, so a
// build reads nothing else.
'use strict';
const fs = require('node:fs');
let solc;
try {
  solc = require('solc');
} catch (error) {
  process.stderr.write(`solc is not installed (${error.code}): run \`npm ci\` in ${__dirname}\n`);
  process.exit(1);
}
if (process.argv.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version()}\n`);
} else {
  process.stdout.write(solc.compile(fs.readFileSync(0, 'utf8')));
}
