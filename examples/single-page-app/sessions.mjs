/** Sessions in files, each sealed with AES-256-GCM under a key that is not beside them. */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [NONCE, TAG] = [12, 16];

/** `key` is 32 bytes. What was sealed under one name opens under no other. */
export function createSeal(key) {
  return {
    seal(name, value) {
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(name));
      const text = Buffer.concat([cipher.update(JSON.stringify(value)), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64url');
    },
    /** undefined for whatever was not sealed so, and for what is over. */
    open(name, sealed) {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < NONCE + TAG) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE), { authTagLength: TAG })
        .setAAD(Buffer.from(name))
        .setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
      try {
        const text = Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
        const value = JSON.parse(text.toString());
        return value.endsAt > Date.now() ? value : undefined;
      } catch {
        return undefined;
      }
    },
  };
}

/** A session is a value with the moment at which it ends, `endsAt`. */
export function openSessions(directory, { seal, open }) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  // The id is a secret: files are named by its hash.
  const nameOf = (id) => createHash('sha256').update(id).digest('hex');
  const fileOf = (name) => join(directory, name);

  function put(name, value) {
    writeFileSync(fileOf(`${name}.new`), seal(name, value), { mode: 0o600 });
    renameSync(fileOf(`${name}.new`), fileOf(name));
  }

  function read(name) {
    return existsSync(fileOf(name)) ? open(name, readFileSync(fileOf(name), 'utf8')) : undefined;
  }

  return {
    /** Gives the id, for the cookie. */
    begin(value) {
      const id = randomBytes(32).toString('base64url');
      put(nameOf(id), value);
      return id;
    },
    read: (id) => read(nameOf(id)),
    /** What was ended meanwhile does not come back. */
    replace(id, value) {
      if (existsSync(fileOf(nameOf(id)))) put(nameOf(id), value);
    },
    end: (id) => rmSync(fileOf(nameOf(id)), { force: true }),
    /** Takes away what is over. */
    sweep() {
      for (const name of readdirSync(directory)) if (!read(name)) rmSync(fileOf(name), { force: true });
    },
  };
}
