// Compiles LockRegistry.sol to dist/LockRegistry.json; the same source gives the same bytes.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import solc from 'solc';

const source = new URL('LockRegistry.sol', import.meta.url);
const target = new URL('../dist/LockRegistry.json', import.meta.url);

const output = JSON.parse(
  solc.compile(
    JSON.stringify({
      language: 'Solidity',
      sources: { 'LockRegistry.sol': { content: readFileSync(source, 'utf8') } },
      settings: {
        evmVersion: 'cancun',
        optimizer: { enabled: true, runs: 200 },
        metadata: { bytecodeHash: 'none', appendCBOR: false },
        outputSelection: { '*': { LockRegistry: ['abi', 'evm.bytecode.object'] } },
      },
    }),
  ),
);
for (const { formattedMessage } of output.errors ?? []) console.error(formattedMessage);
if (output.errors?.length > 0) process.exit(1);

const { abi, evm } = output.contracts['LockRegistry.sol'].LockRegistry;
mkdirSync(new URL('.', target), { recursive: true });
writeFileSync(target, `${JSON.stringify({ abi, bytecode: `0x${evm.bytecode.object}` }, null, 2)}\n`);
