// SPDX-License-Identifier: Apache-2.0
// Opens the session that a client sent in its cookies (spec/session.md).
'use strict';

const { fromBase64url } = require('./base64url.js');
const { RefusedError } = require('./errors.js');
const { Keyring } = require('./keyring.js');
const { LiveKeyring } = require('./live-keyring.js');
const { listInUse } = require('./live-revocation-list.js');
const { RevocationList } = require('./revocation-list.js');
const { boundCookies, candidates, MAX_PARTS } = require('./session-cookies.js');
const { Fields, isReserved, lower, parse } = require('./session-fields.js');
const { checkSeconds, clock } = require('./time.js');

const LATEST = 2n ** 63n - 1n;
const GRACE = 60; // seconds that a bound cookie counts after its end

function openSession(cookieHeader, ring, options = {}) {
  const { cookie = '__Host-session', context = cookie, parts = 2, subject = 'user' } = options;
  const { idle = 0, lifetime = 0, revocations, now = clock() } = options;
  for (const [name, seconds] of Object.entries({ now, idle, lifetime })) checkSeconds(name, seconds);
  if (!Number.isInteger(parts) || parts < 1 || parts > MAX_PARTS) {
    throw new RangeError(`parts must be a whole number from 1 to ${MAX_PARTS}`);
  }
  const keyring = ring instanceof LiveKeyring ? ring.current(now) : ring;
  const list = listInUse(revocations, now);
  const settings = { context, subject, idle, lifetime, list, now };
  const headers = [cookieHeader ?? []].flat();
  let newest = null;
  let firstRefusal = null;
  for (const token of candidates(cookie, parts, headers)) {
    try {
      const opened = openOne(token, keyring, settings);
      if (newest === null || opened.session.issuedAt > newest.session.issuedAt) newest = opened;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      firstRefusal ??= error;
    }
  }
  if (newest === null && firstRefusal !== null) throw firstRefusal;
  if (newest?.isBound && !hasBoundCookie(newest.session, keyring, boundCookies(cookie, headers), now)) {
    throw new RefusedError('unbound', newest.kid);
  }
  return newest?.session ?? null;
}

/** spec/device-binding.md section 7.1 */
function hasBoundCookie({ sid }, keyring, cookies, now) {
  return cookies.some((token) => {
    try {
      const { payload, expiresAt } = Keyring.openExpired(keyring, token, 'dbsc-cookie', now);
      return sid !== '' && payload.equals(Buffer.from(sid)) && now < expiresAt + GRACE;
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      return false;
    }
  });
}

function openOne(token, keyring, { context, subject, idle, lifetime, list, now }) {
  if (token === null) throw new RefusedError('malformed');
  const opened = Keyring.openExpired(keyring, token, context, now);
  const { kid, issuedAt } = opened;
  const pairs = parse(opened.payload.toString('latin1'));
  if (pairs === null) throw new RefusedError('malformed', kid);

  const all = new Fields(pairs);
  const authTime = Number(numberOf(all.get('auth_time')) ?? issuedAt);
  const expiresAt = earlier(opened.expiresAt, Number((numberOf(all.get('expiry')) ?? 0n) / 1_000_000n));
  const end = endReached({ authTime, issuedAt, expiresAt }, { idle, lifetime, now });
  if (end !== '') throw new RefusedError('expired', kid, { issuedAt, expiresAt }, end);
  const sid = sidOf(all.get('sid') ?? '');
  if (list !== undefined && RevocationList.refusesSession(list, authTime, bytesOf(pairs, sid))) {
    throw new RefusedError('revoked', kid, { issuedAt, expiresAt });
  }
  const session = Object.freeze({
    fields: new Fields(pairs.filter(([name]) => !isReserved(name))),
    subject: all.get(subject) ?? '',
    sid,
    authTime,
    issuedAt,
    expiresAt,
  });
  return { session, kid, isBound: all.get('bound') !== undefined };
}

function endReached({ authTime, issuedAt, expiresAt }, { idle, lifetime, now }) {
  if (lifetime !== 0 && now >= authTime + lifetime) return 'absolute';
  const end = expiresAt === 0 && idle !== 0 ? issuedAt + idle : expiresAt;
  return end !== 0 && now >= end ? 'idle' : '';
}

/** What a revocation list asks for: the value of a field, empty if there is none. */
function bytesOf(pairs, sid) {
  return (name) => {
    if (name === 'sid') return Buffer.from(sid);
    const [, value] = pairs.find(([known]) => lower(known) === name) ?? [];
    return Buffer.from(value ?? '', 'latin1');
  };
}

/** 0: no end. */
function earlier(a, b) {
  return a === 0 || b === 0 ? Math.max(a, b) : Math.min(a, b);
}

function numberOf(text) {
  const digits = /^0*([0-9]{1,19})$/.exec(text ?? '')?.[1];
  return digits === undefined || BigInt(digits) > LATEST ? null : BigInt(digits);
}

function sidOf(text) {
  return fromBase64url(text)?.length === 16 ? text : '';
}

module.exports = { openSession };
