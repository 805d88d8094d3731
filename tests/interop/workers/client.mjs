// SPDX-License-Identifier: Apache-2.0
// Does a batch of work with the Node client: see client_workers.py.
import { readFileSync } from 'node:fs';

import {
  InvalidKeyringError,
  Keyring,
  openSession,
  RefusedError,
  RevocationList,
  sessionHeader,
} from '../../../clients/node/lib/index.mjs';

const bytes = (hex) => Buffer.from(hex, 'hex');

function seal(ring, [now, lifetime, context, payload]) {
  return ring.seal(bytes(payload), { lifetime, context: bytes(context), now });
}

function open(ring, [now, context, token]) {
  try {
    const opened = ring.open(bytes(token), { context: bytes(context), now, revocations });
    const { kid, issuedAt, expiresAt, payload } = opened;
    return ['ok', kid, issuedAt, expiresAt, payload.toString('hex')];
  } catch (refusal) {
    if (!(refusal instanceof RefusedError)) throw refusal;
    return [refusal.reason, refusal.kid, refusal.issuedAt, refusal.expiresAt, null];
  }
}

function read(path) {
  try {
    return Keyring.load(path).keys.length;
  } catch (error) {
    if (!(error instanceof InvalidKeyringError)) throw error;
    return 0;
  }
}

const hex = (text) => Buffer.from(text).toString('hex');

function session(ring, [now, cookie, parts, subject, idle, lifetime, headers]) {
  const texts = headers.map((header) => bytes(header).toString('latin1'));
  const nothing = [[], '', ''];
  try {
    const opened = openSession(texts, ring, {
      now, cookie, parts, subject, idle, lifetime, revocations,
    });
    if (opened === null) return ['none', '', '', ...nothing, [0, 0, 0]];
    const fields = [...opened.fields].map((pair) => pair.map(hex));
    const times = [opened.authTime, opened.issuedAt, opened.expiresAt];
    return ['ok', '', '', fields, hex(opened.subject), opened.sid, times];
  } catch (refusal) {
    if (!(refusal instanceof RefusedError)) throw refusal;
    const times = refusal.end === '' ? [0, 0] : [refusal.issuedAt, refusal.expiresAt];
    return [refusal.reason, refusal.end, refusal.kid, ...nothing, [0, ...times]];
  }
}

function header(fields) {
  try {
    return sessionHeader(fields.map((pair) => pair.map((text) => bytes(text).toString())));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

const work = JSON.parse(readFileSync(0));
const ring = Keyring.load(work.ring);
const revocations =
  work.revocations === null ? undefined : RevocationList.load(work.revocations);
console.log(
  JSON.stringify({
    seal: work.seal.map((job) => seal(ring, job)),
    open: work.open.map((job) => open(ring, job)),
    read: work.read.map(read),
    session: work.session.map((job) => session(ring, job)),
    header: work.header.map(header),
    revoked: work.revoked.map((pair) => revocations.revokedAt(...pair.map(bytes))),
  }),
);
