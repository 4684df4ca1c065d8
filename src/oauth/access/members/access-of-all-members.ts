/** What is asked, allowed or granted, as one value: RFC 6749 §3.3 scope, RFC 8707 §2 resource, OpenID Connect Core §5.5 claims. */
import type { accessMembers } from './index.ts';

type Members = typeof accessMembers;

export type Access = {
  readonly [Name in keyof Members]: ReturnType<Members[Name]['parse']>;
};
