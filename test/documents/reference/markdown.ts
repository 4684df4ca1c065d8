/** What the generated pages are made of. */

/** Said at the top of each, so that nobody edits what is written anew. */
export const GENERATED = '<!-- Written by `npm run docs:write`; do not edit. -->';

/** A table; an empty head has no words above its columns. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

/** As it is typed or sent. */
export const code = (text: string) => `\`${text}\``;

/** A page of paragraphs, tables and headings. */
export function page(title: string, ...parts: readonly string[]): string {
  return `${[`# ${title}`, GENERATED, ...parts].join('\n\n')}\n`;
}
