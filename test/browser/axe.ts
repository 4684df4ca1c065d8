import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

const axe = readFileSync(new URL('../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Of WCAG 2.2 AA on the page as it is, each with what it is about. */
export async function violations(page: Page): Promise<string[]> {
  // axe is handed over past the policy of the page, which allows no such script.
  const results = (await page.evaluate(`${axe}; axe.run({ runOnly: ${JSON.stringify(TAGS)} })`)) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}
