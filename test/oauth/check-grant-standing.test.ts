/** Whether a grant stands, by its row alone. RFC 6749 §5.2, RFC 9700 §4.14 */
import { describe, expect, it } from 'vitest';
import { checkStanding, isEnded } from '../../src/oauth/check-grant-standing.ts';

describe('a grant is valid', () => {
  const NOW = 1_000_000;
  const clock = { nowMs: () => NOW } as Parameters<typeof checkStanding>[0]['clock'];
  const standing = {
    outlives_session: 0,
    expires_at: NOW + 1,
    revoked_at: null,
    user_epoch: 3,
    user_grant_epoch: 3,
    client_epoch: 5,
    client_epoch_now: 5,
    user_disabled_at: null,
    client_disabled_at: null,
    session_ended_at: null,
    session_expires_at: NOW + 1,
    session_idle_expires_at: NOW + 1,
    session_epoch: 7,
    user_session_epoch: 7,
  };
  type Row = Parameters<typeof isEnded>[0];
  const reasonOf = (changes: Partial<Row>) => {
    const row = { ...standing, ...changes };
    const checked = checkStanding({ clock }, row);
    return checked === row ? 'stands' : (checked as unknown as { reason: string }).reason;
  };

  it('until the millisecond of its end, and of its session’s', () => {
    expect(reasonOf({})).toBe('stands');
    expect(reasonOf({ expires_at: NOW })).toBe('grant_expired');
    expect(reasonOf({ session_expires_at: NOW })).toBe('session_expired');
    expect(reasonOf({ session_idle_expires_at: NOW })).toBe('session_expired');
    expect(reasonOf({ session_expires_at: null })).toBe('session_expired');
    expect(reasonOf({ session_idle_expires_at: null })).toBe('session_expired');
  });

  it.each([
    [{ revoked_at: 0 }, 'grant_revoked'],
    [{ user_grant_epoch: 4 }, 'grant_revoked'],
    [{ user_grant_epoch: 2 }, 'grant_revoked'],
    [{ client_epoch_now: 6 }, 'grant_revoked'],
    [{ client_epoch_now: 4 }, 'grant_revoked'],
    [{ user_disabled_at: 0 }, 'user_disabled'],
    [{ client_disabled_at: 0 }, 'client_disabled'],
    [{ session_ended_at: 0 }, 'session_ended'],
    [{ user_session_epoch: 8 }, 'session_ended'],
    [{ user_session_epoch: 6 }, 'session_ended'],
  ] as const)('not with %j: %s', (changes, reason) => {
    expect(reasonOf(changes)).toBe(reason);
    expect(isEnded({ ...standing, ...changes })).toBe(reason === 'grant_revoked');
  });

  it('with offline access after its session ended', () => {
    const gone = { session_ended_at: 0, session_expires_at: null, session_idle_expires_at: null };
    expect(reasonOf({ ...gone, outlives_session: 1, user_session_epoch: 8 })).toBe('stands');
    expect(reasonOf({ ...gone, outlives_session: 0 })).toBe('session_ended');
  });

  it('of a session from before sessions had an epoch by its times alone', () => {
    expect(reasonOf({ session_epoch: null })).toBe('stands');
    expect(reasonOf({ session_epoch: null, session_expires_at: NOW })).toBe('session_expired');
  });

  it('nowhere: one that is not there does not', () => {
    const checked = checkStanding({ clock }, undefined);
    expect(checked).toMatchObject({ refused: true, reason: 'unknown_grant', error: 'invalid_grant' });
  });

  it('T14 or not, and no caller learns the reason', () => {
    const sentences = [
      { revoked_at: 1 },
      { expires_at: 1 },
      { user_disabled_at: 1 },
      { session_ended_at: 1 },
    ].map(
      (changes) =>
        (checkStanding({ clock }, { ...standing, ...changes }) as unknown as { description: string })
          .description,
    );
    expect(new Set(sentences).size).toBe(1);
  });
});
