/** Installations that forget something on purpose: a model that does not notice would be no model. */
import type { Database, Parameter, Reader, Tx } from '../../src/storage/database.ts';
import type { Fault } from './world.ts';

/** Another text for what matches. */
function forgetful(pattern: RegExp, instead: string): Fault {
  const altered = (sql: string) => sql.replaceAll(pattern, instead);
  const reader = (to: Reader): Reader => ({
    get: <Row>(sql: string, ...parameters: readonly Parameter[]) => to.get<Row>(altered(sql), ...parameters),
    all: <Row>(sql: string, ...parameters: readonly Parameter[]) => to.all<Row>(altered(sql), ...parameters),
  });
  const writer = (tx: Tx): Tx => ({
    ...tx,
    ...reader(tx),
    run: (sql, ...parameters) => tx.run(altered(sql), ...parameters),
  });
  return (db: Database): Database => ({
    ...db,
    ...reader(db),
    write: (body) => db.write((tx) => body(writer(tx))),
  });
}

/** Each by the sentence that is then true. */
export const faults: Readonly<Record<string, Fault>> = {
  'a session that ended, and one of a former epoch, is taken for live where a grant is written': forgetful(
    /sessions\.ended_at IS NULL|sessions\.epoch = users\.session_epoch/g,
    '1 = 1',
  ),
  'a grant that is revoked goes on': forgetful(/^(UPDATE grants SET revoked_at.*WHERE) /gs, '$1 1 = 0 AND '),
  'the grants of a user go on': forgetful(/grant_epoch = grant_epoch \+ 1/g, 'grant_epoch = grant_epoch'),
  'the grants of a client go on': forgetful(/epoch = epoch \+ \$3/g, 'epoch = epoch + 0 * $3'),
  'sessions go on': forgetful(/session_epoch = session_epoch \+ 1/g, 'session_epoch = session_epoch'),
  'a token that was revoked alone goes on': forgetful(
    /^INSERT INTO revoked_tokens .*$/gs,
    'DELETE FROM revoked_tokens WHERE jti = $1 AND expires_at = $2',
  ),
  'a withdrawn consent is remembered': forgetful(/^DELETE FROM consents WHERE /g, '$& 1 = 0 AND '),
  'a code is good twice': forgetful(
    /^DELETE FROM (one_time) (WHERE) kind/g,
    'UPDATE $1 SET kind = kind $2 kind',
  ),
  'no token is found': forgetful(/WHERE grants\.grant_id = \$1/g, '$& AND 1 = 0'),
};
