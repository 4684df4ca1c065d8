/** What was taken away since a backup: names, so that the operator can look at each. */
export interface Carried {
  readonly users_disabled: readonly string[];
  /** Not there any more: disabled, as only the operator knows whether the restore is there to bring them back. */
  readonly users_deleted: readonly string[];
  /** Users whose claims or e-mail address changed since: they are as they were last. */
  readonly users_changed: readonly string[];
  /** `username sub` of users whose username was an e-mail address that is not theirs any more: as they are called now. */
  readonly usernames_changed: readonly string[];
  readonly clients_disabled: readonly string[];
  readonly clients_deleted: readonly string[];
  /** Clients whose metadata changed since: keys, redirect URIs and the rest are as they were last. */
  readonly clients_changed: readonly string[];
  /** Clients with a secret that ended, or is there no more. */
  readonly secrets_ended: readonly string[];
  /** `username client_id` of consents that were withdrawn or changed: they are asked again. */
  readonly consents_withdrawn: readonly string[];
  /** `username group` of those who left a group, and `username role` of roles that were taken. */
  readonly groups_left: readonly string[];
  readonly roles_taken: readonly string[];
  /** Keys that are new, have other times, or whose private part is gone or sealed anew. */
  readonly keys: readonly string[];
  /** Keys that are not there any more, such as one that leaked: they are gone. */
  readonly keys_withdrawn: readonly string[];
  /** Not carried over: users whose old password is good again. */
  readonly passwords_changed: readonly string[];
  /** Not carried over: clients with a newer secret, which is unknown now. */
  readonly secrets_lost: readonly string[];
}

/** Before anything was looked at. */
export function nothingCarried(): Record<keyof Carried, readonly string[]> {
  return {
    users_disabled: [],
    users_deleted: [],
    users_changed: [],
    usernames_changed: [],
    clients_disabled: [],
    clients_deleted: [],
    clients_changed: [],
    secrets_ended: [],
    consents_withdrawn: [],
    groups_left: [],
    roles_taken: [],
    keys: [],
    keys_withdrawn: [],
    passwords_changed: [],
    secrets_lost: [],
  };
}
