/** Checks that commands and server use the same database: a command that changes another one reports success without effect. */
import { z } from 'zod';
import type { Gatehouse } from '../../gatehouse.ts';
import { newDoctorProof } from '../../http/authenticate-doctor-by-master-key.ts';
import { newLabel } from '../../lib/time-ordered-ids-and-secrets.ts';
import { fileOfDatabase } from '../../storage/open-database-by-url.ts';
import { withMark } from '../../storage/same-database-mark.ts';
import { StorageUnavailableError } from '../../storage/storage-errors.ts';
import { AnswerError, ask, authorityOf, readAnswer } from '../bounded-http-client.ts';
import { type Check, type Finding, fail, pass, warn } from './check.ts';
import { warnNotFound } from './explain-missing-doctor-endpoint.ts';

const NOT_FOUND = 404;

const seenSchema = z.object({ seen: z.boolean() });

/** Writes a mark into the database and asks the server whether it reads it. */
export const sameDatabaseCheck: Check = {
  name: 'same database',
  async run(gatehouse) {
    const { db, clock, random } = gatehouse;
    const mark = newLabel(clock, random);
    try {
      return await withMark(db, { mark, nowMs: clock.nowMs() }, () => askFor(mark, gatehouse));
    } catch (error) {
      if (!(error instanceof StorageUnavailableError)) throw error;
      return warn('not looked at: the database cannot be written', 'see the check of the database');
    }
  },
};

async function askFor(mark: string, { settings, clock }: Gatehouse): Promise<Finding> {
  const url = `${settings.issuer}/health/mark`;
  const authorization = newDoctorProof(settings, clock.nowMs());
  try {
    const answer = await ask(`${url}/${mark}`, {
      headers: { authorization },
      authority: authorityOf(settings),
    });
    if (answer.status === NOT_FOUND) return warnNotFound(url);
    return judge(readAnswer(answer, seenSchema).seen, settings);
  } catch (error) {
    if (!(error instanceof AnswerError)) throw error;
    return fail(error.message, 'mend what the check of the issuer says first');
  }
}

function judge(isSeen: boolean, { issuer, database }: Gatehouse['settings']): Finding {
  if (isSeen) return pass(`${issuer} reads what is written here`);
  const own = fileOfDatabase(database) ?? 'the PostgreSQL database of these settings';
  return fail(
    `the server uses another database than this command: what is written to ${own}, ${issuer} does not see`,
    'nothing that commands change here reaches the server: write one database, in the settings file that both read, and restart the server',
  );
}
