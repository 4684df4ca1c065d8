/** One member of what is asked, as a row of the table has it: a list in which each item stands once. */
export interface AccessMember<Item> {
  /** Of JSON that {@link write} made. */
  parse(stored: unknown): readonly Item[];
  /** As JSON; of a member without items nothing is written. */
  write(items: readonly Item[]): unknown;
  /** Whether one item stands for the other: what was allowed as the one is allowed as the other. */
  isSame(one: Item, other: Item): boolean;
  /** For the operator, in words; undefined where there is nothing to say. */
  describe(items: readonly Item[]): string | readonly string[] | undefined;
  /** Whether the audit events of a consent say it. */
  readonly isAudited: boolean;
}

/** Keeps the type of the items. */
export function defineMember<Item>(member: AccessMember<Item>): AccessMember<Item> {
  return member;
}
