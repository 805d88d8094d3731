// SPDX-License-Identifier: Apache-2.0
// Does a batch of work with the Node client: client_workers.py says which.
import { readFileSync } from 'node:fs';

import { InvalidKeyringError, Keyring, RefusedError } from '../../../clients/node/lib/index.mjs';

const bytes = (hex) => Buffer.from(hex, 'hex');

function seal(ring, [now, lifetime, context, payload]) {
  return ring.seal(bytes(payload), { lifetime, context: bytes(context), now });
}

function open(ring, [now, context, token]) {
  try {
    const opened = ring.open(bytes(token), { context: bytes(context), now });
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

const work = JSON.parse(readFileSync(0));
const ring = Keyring.load(work.ring);
console.log(
  JSON.stringify({
    seal: work.seal.map((job) => seal(ring, job)),
    open: work.open.map((job) => open(ring, job)),
    read: work.read.map(read),
  }),
);
