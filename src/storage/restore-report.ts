/** What was taken away since a backup: names, so that the operator can check each. */
export interface Carried {
  readonly users_disabled: readonly string[];
  /** Users deleted since: disabled, because only the operator knows whether the restore is meant to bring them back. */
  readonly users_deleted: readonly string[];
  /** Users whose claims or e-mail address changed since: the newest values are kept. */
  readonly users_changed: readonly string[];
  /** `username sub` of users whose username was an e-mail address that they no longer have: the username they have now. */
  readonly usernames_changed: readonly string[];
  readonly clients_disabled: readonly string[];
  readonly clients_deleted: readonly string[];
  /** Clients whose metadata changed since: the newest keys, redirect URIs and other metadata are kept. */
  readonly clients_changed: readonly string[];
  /** Clients with a secret that expired or was deleted since. */
  readonly secrets_ended: readonly string[];
  /** `username client_id` of consents that were withdrawn or changed: the user is asked again. */
  readonly consents_withdrawn: readonly string[];
  /** `username group` of members that left a group, and `username role` of roles that were taken away. */
  readonly groups_left: readonly string[];
  readonly roles_taken: readonly string[];
  /** Keys that are new, have other times, or whose private part was erased or sealed again. */
  readonly keys: readonly string[];
  /** Keys deleted since, such as one that leaked: they are deleted here too. */
  readonly keys_withdrawn: readonly string[];
  /** Not carried over: users whose old password is valid again. */
  readonly passwords_changed: readonly string[];
  /** Users whose authenticator app was removed since: it is removed here too. */
  readonly authenticators_removed: readonly string[];
  /** Not carried over: clients whose newer secret is lost. */
  readonly secrets_lost: readonly string[];
}

/** An empty report. */
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
    authenticators_removed: [],
    secrets_lost: [],
  };
}
