/** The pages of docs/, or tables within them, that are written from the code, a row of README.md, and what an editor is told of imports. */
import { biomeImports } from '../../architecture/import-rules.ts';
import { auditPage } from './audit.ts';
import { commandsPage } from './commands.ts';
import { dataModelPage } from './data-model.ts';
import { endpointsPage } from './endpoints.ts';
import { importsPage } from './imports.ts';
import { personalDataPage } from './personal-data.ts';
import { readmePage } from './readme.ts';
import { reasonsPage } from './reasons.ts';
import { settingsPage } from './settings.ts';

/** Path below the root → its text. */
export const generatedPages: readonly (readonly [path: string, write: () => string | Promise<string>])[] = [
  ['docs/reference/endpoints.md', endpointsPage],
  ['docs/reference/commands.md', commandsPage],
  ['docs/reference/data-model.md', dataModelPage],
  ['docs/reference/reasons.md', reasonsPage],
  ['docs/reference/audit.md', auditPage],
  ['docs/how-to/personal-data.md', personalDataPage],
  ['docs/reference/settings.md', settingsPage],
  ['docs/reference/imports.md', importsPage],
  ['README.md', readmePage],
  ['biome.imports.json', biomeImports],
];
