/**
 * A single label (`nas`), or a name that no public resolver knows. RFC 6762, ICANN's resolution of 2024-07-29
 * (.internal)
 */
const PRIVATE_NAME = /^(?:[a-z0-9-]+\.)*(?:lan|local|internal)$|^[a-z0-9-]+$/;

/** Whether a host name, in lower case, belongs to a private network, such as that of a home or an office. */
export function isPrivateName(hostname: string): boolean {
  return PRIVATE_NAME.test(hostname);
}
