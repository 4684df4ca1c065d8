/** The beginning of a text that somebody else wrote, for people to see. */
export function shortened(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}
