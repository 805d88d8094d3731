// SPDX-License-Identifier: Apache-2.0
// Seals and opens sealring's s1 tokens with a key ring file, as nginx and Apache do; opens sessions.
/// <reference types="node" />

/** Why a token is refused. For the log, never for the client. */
export type Reason =
  | 'malformed'
  | 'unsupported'
  | 'unknown_key'
  | 'authentication_failed'
  | 'expired'
  | 'not_yet_valid'
  | 'revoked'
  | 'unbound';

/** The token is refused. */
export class RefusedError extends Error {
  readonly name: 'RefusedError';
  readonly reason: Reason;
  /** The key that the token names, not authenticated; '' if it names none. */
  readonly kid: string;
  /** Set if it is the reason, or if that is revoked; otherwise 0. */
  readonly issuedAt: number;
  /** Set if it is the reason, or if that is revoked; otherwise 0. */
  readonly expiresAt: number;
  /** Which end an expired session reached; '' unless openSession refused it. */
  readonly end: 'idle' | 'absolute' | '';
}

/** The key ring cannot be read, trusted or understood. The message is for the operator. */
export class InvalidKeyringError extends Error {
  readonly name: 'InvalidKeyringError';
}

/** The revocation list cannot be read, trusted or understood. The message is for the operator. */
export class InvalidRevocationListError extends Error {
  readonly name: 'InvalidRevocationListError';
}

/** No key of the ring may seal an s1 token now. */
export class NoPrimaryKeyError extends Error {
  readonly name: 'NoPrimaryKeyError';
}

/** A key without its secret. Times are seconds since 1970; 0: no bound. */
export interface Key {
  readonly kid: string;
  readonly algorithm: string;
  readonly sealFrom: number;
  readonly openUntil: number;
  readonly openOnly: boolean;
}

/** Strings are encoded as UTF-8. */
export type Bytes = string | Uint8Array;

export interface OpenOptions {
  /** What the token is for, at most 1024 bytes; the same for sealing and opening. Default: empty. */
  context?: Bytes;
  /** Seconds since 1970. Default: the current time. */
  now?: number;
  /** A token on this list is refused as revoked. Default: no list. */
  revocations?: RevocationList | LiveRevocationList;
}

export interface SealOptions extends Omit<OpenOptions, 'revocations'> {
  /** Seconds until the token expires; 0: never. */
  lifetime: number;
}

export interface Opened {
  readonly payload: Buffer;
  readonly issuedAt: number;
  /** 0: never */
  readonly expiresAt: number;
  readonly kid: string;
  /** Tells this token from all others; for a log, and to revoke it. */
  readonly id: string;
}

/** The keys of a ring, in the file's order. It does not change; a LiveKeyring follows its file. */
export class Keyring {
  /** The ring in a file. Throws InvalidKeyringError. */
  static load(path: string): Keyring;
  /** The ring in the content of a file. Throws InvalidKeyringError. */
  static parse(text: Uint8Array): Keyring;
  private constructor();
  readonly keys: readonly Key[];
  /** The key that seals: of those that may, the last to have begun, and of several the last in the file. */
  primary(now?: number): Key | null;
  /** Seals the payload, which has at most 16 MiB. Throws NoPrimaryKeyError. */
  seal(payload: Bytes, options: SealOptions): string;
  /** Opens the token. Throws RefusedError. */
  open(token: Bytes, options?: OpenOptions): Opened;
}

/**
 * The ring in a file that may be rotated meanwhile. Checks the file when used, at most once per
 * second. If a changed file is refused, the ring in use stays, and onProblem is called once.
 */
export class LiveKeyring {
  /** Throws InvalidKeyringError, because at the start there is no ring to go on with. */
  constructor(path: string, options?: { onProblem?: (message: string) => void });
  current(now?: number): Keyring;
  /** Keyring.seal with the current ring. */
  seal(payload: Bytes, options: SealOptions): string;
  /** Keyring.open with the current ring. */
  open(token: Bytes, options?: OpenOptions): Opened;
}

/** What is revoked: the content of a file. It does not change; a LiveRevocationList follows its file. */
export class RevocationList {
  /** The list in a file. Throws InvalidRevocationListError. */
  static load(path: string): RevocationList;
  /** The list in the content of a file. Throws InvalidRevocationListError. */
  static parse(content: Uint8Array): RevocationList;
  private constructor();
  /** The number of its entries. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly writtenAt: number;
  /**
   * Sessions whose field `name` is `value` are revoked if they signed in at this time or before it;
   * null: none is. A token's ID has the name `token`, and everything has an empty name and value.
   */
  revokedAt(name: Bytes, value: Bytes): number | null;
}

/**
 * The list in a file that servers and the command line replace. Checks the file when used, at most
 * once per second. If a changed file is refused, the list in use stays, and onProblem is called once.
 */
export class LiveRevocationList {
  /** Throws InvalidRevocationListError, because at the start there is no list to go on with. */
  constructor(path: string, options?: { onProblem?: (message: string) => void });
  current(now?: number): RevocationList;
}

/**
 * The fields of a session, in order. The case of ASCII letters in names does not matter. Bytes that
 * are not UTF-8 become U+FFFD.
 */
export class Fields implements Iterable<[name: string, value: string]> {
  private constructor();
  readonly size: number;
  has(name: string): boolean;
  get(name: string): string | undefined;
  [Symbol.iterator](): IterableIterator<[name: string, value: string]>;
}

/** Times are seconds since 1970. */
export interface Session {
  /** Without the reserved ones. */
  readonly fields: Fields;
  /** The value of the field that says whose session it is; '' if there is none. */
  readonly subject: string;
  /** The session's ID, which stays the same until the next sign-in; '' if it has none. */
  readonly sid: string;
  /** When the user signed in. Beyond 2^53 - 1, which no clock shows, it is rounded, as all numbers are. */
  readonly authTime: number;
  readonly issuedAt: number;
  /** 0: never */
  readonly expiresAt: number;
}

/** The configuration of the server that makes the sessions. */
export interface SessionOptions {
  /** The cookie's name. Default: __Host-session. */
  cookie?: string;
  /** What the tokens are for. Default: the cookie's name. */
  context?: Bytes;
  /** How many cookies a session may use, 1 to 9. Default: 2. */
  parts?: number;
  /** The field that says whose session it is. Default: user. */
  subject?: string;
  /** Idle timeout in seconds; only needed for tokens that were sealed without an end. Default: 0, off. */
  idle?: number;
  /** Seconds from sign-in to the absolute end. Default: 0, off: the token's own end applies. */
  lifetime?: number;
  /** A session on this list is refused as revoked. Default: no list. */
  revocations?: RevocationList | LiveRevocationList;
  /** Seconds since 1970. Default: the current time. */
  now?: number;
}

/**
 * Opens the session in a request's Cookie header, or in several; null if there is no such cookie.
 * Throws RefusedError.
 */
export function openSession(
  cookieHeader: string | readonly string[] | null | undefined,
  ring: Keyring | LiveKeyring,
  options?: SessionOptions,
): Session | null;

/**
 * Returns the value of an X-Replace-Session header, which makes these the fields of the session.
 * Without fields it is empty, and ends the session. Fields with an empty value are left out. Throws
 * a RangeError for a reserved name, for names that differ only in case, and for what does not fit.
 */
export function sessionHeader(
  fields: Iterable<readonly [name: string, value: string]> | Readonly<Record<string, string>>,
): string;
