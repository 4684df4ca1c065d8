/** What a client calls a person and a session: the sub and sid of this server, or its sector's own. Core §8, §17.3 */
import type { Client } from './clients/client.ts';
import { sectorOf } from './clients/pairwise-sector.ts';
import type { PairwiseSubjects } from './seal-and-open-pairwise-subject.ts';

export interface SubjectContext {
  /** Pairwise subject identifiers; their keys are derived from the master key. */
  readonly subjects: PairwiseSubjects;
}

type Sectored = Pick<Client, 'metadata'>;

/** The sub that this client gets, wherever one is said to it or of its tokens. */
export function subjectFor(context: SubjectContext, client: Sectored, sub: string): string {
  return sealFor(context, client, sub);
}

/** The person's own sub behind one that this client got; undefined for one that it cannot have got. */
export function localSubject(context: SubjectContext, client: Sectored, subject: string): string | undefined {
  return openFrom(context, client, subject);
}

/** The sid that this client gets: one that two sectors share would tell them whose subs belong together. §17.3 */
export function sidFor(context: SubjectContext, client: Sectored, sid: string): string {
  return sealFor(context, client, sid);
}

/** The session's own sid behind one that this client got; undefined for one that it cannot have got. */
export function localSid(context: SubjectContext, client: Sectored, sid: string): string | undefined {
  return openFrom(context, client, sid);
}

function sealFor({ subjects }: SubjectContext, { metadata }: Sectored, own: string): string {
  return metadata.subject_type === 'pairwise' ? subjects.seal(readSector(metadata), own) : own;
}

function openFrom({ subjects }: SubjectContext, { metadata }: Sectored, said: string): string | undefined {
  return metadata.subject_type === 'pairwise' ? subjects.open(readSector(metadata), said) : said;
}

function readSector(metadata: Client['metadata']): string {
  const sector = sectorOf(metadata);
  if (sector === undefined) throw new Error('a pairwise client has no sector; register it again');
  return sector;
}
