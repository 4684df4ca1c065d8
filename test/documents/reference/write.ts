/** npm run docs:write */
import { writeFileSync } from 'node:fs';
import { root } from '../blocks.ts';
import { generatedPages } from './pages.ts';

for (const [path, write] of generatedPages) {
  writeFileSync(root + path, await write());
  process.stdout.write(`${path}\n`);
}
