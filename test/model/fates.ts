/** What ends what. A thing that was there before its parent ended is dead, whatever the order of the steps. */
import type { Access, App, Fate, Grant, Session } from './life.ts';

/** Disabled, deleted, or given another password by the operator. */
export const personEnds: Fate = () => 'dead';

/** Who signs in once more beside it may come before or after. */
export const personEndsAndReturns: Fate = (thing, isNew) =>
  isNew && thing.kind === 'session' ? 'either' : 'dead';

export function appEnds(app: App): Fate {
  return (thing) => (thing.kind === 'grant' && thing.app === app ? 'dead' : undefined);
}

/** What is authorized beside it may come afterwards. */
export function appEndsAndReturns(app: App): Fate {
  return (thing, isNew) => (thing.kind === 'grant' && thing.app === app ? eitherIf(isNew) : undefined);
}

/** A consent that is given beside it, or an app that needs none, may come afterwards. */
export function accessRemoved(app: App): Fate {
  return (thing, isNew) => {
    if (thing.kind !== 'grant' || thing.app !== app) return undefined;
    return eitherIf(isNew && (thing.byPage || app.isOwn));
  };
}

export function sessionEnds(session: Session): Fate {
  return (thing, isNew) => (thing === session ? 'dead' : offlineBeside(thing, isNew, session));
}

/** Every session; who signs in beside it may come afterwards. */
export const sessionsEnd: Fate = (thing, isNew) =>
  thing.kind === 'session' ? eitherIf(isNew) : offlineBeside(thing, isNew);

/** Every session but the one in which the person changed the password. */
export function otherSessionsEnd(own: Session): Fate {
  return (thing, isNew) => {
    if (thing.kind === 'session') return thing === own ? undefined : 'dead';
    return thing.kind === 'grant' && thing.session !== own ? offlineBeside(thing, isNew) : undefined;
  };
}

export function grantEnds(grant: Grant): Fate {
  return (thing) => (thing === grant ? 'dead' : undefined);
}

export function grantMayEnd(grant: Grant): Fate {
  return (thing) => (thing === grant ? 'either' : undefined);
}

export function tokenEnds(access: Access): Fate {
  return (thing) => (thing === access ? 'dead' : undefined);
}

/** What outlives a session that ended must have been made before. */
function offlineBeside(thing: Parameters<Fate>[0], isNew: boolean, session?: Session) {
  if (thing.kind !== 'grant' || !isNew || !thing.offline) return undefined;
  return session === undefined || thing.session === session ? 'either' : undefined;
}

const eitherIf = (isFree: boolean) => (isFree ? 'either' : 'dead');
