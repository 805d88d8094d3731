// SPDX-License-Identifier: Apache-2.0
// The s1 token, sealed and opened, without a ring or a clock (spec/token-s1.md).
'use strict';

const { createCipheriv, createDecipheriv } = require('node:crypto');

const { fromBase64url } = require('./base64url.js');
const { Key } = require('./key.js');
const { LATEST_TIME } = require('./time.js');

const PREFIX = 's1.';
const NONCE_SIZE = 24;
const MIN_TOKEN = 78;
const KID_SIZE = 6;
const TAG_SIZE = 16;
const TIME_SIZE = 5;
const LABEL = Buffer.from('sealring.s1\0');

function seal(key, nonce, now, lifetime, context, payload) {
  const kid = Buffer.from(key.kid, 'base64url');
  const times = Buffer.alloc(2 * TIME_SIZE);
  times.writeUIntBE(Math.min(now, LATEST_TIME), 0, TIME_SIZE);
  times.writeUIntBE(lifetime === 0 ? 0 : Math.min(now + lifetime, LATEST_TIME), TIME_SIZE, TIME_SIZE);
  const gcm = createCipheriv('aes-256-gcm', derivedKey(key, nonce), nonce.subarray(12));
  gcm.setAAD(Buffer.concat([LABEL, kid, context]));
  const ciphertext = [gcm.update(times), gcm.update(payload), gcm.final()];
  const body = Buffer.concat([kid, nonce, ...ciphertext, gcm.getAuthTag()]);
  return PREFIX + body.toString('base64url');
}

/** The body of a token, or null if it is malformed. */
function parse(token) {
  if (token.length < MIN_TOKEN || !token.startsWith(PREFIX)) return null;
  return fromBase64url(token.slice(PREFIX.length));
}

function kidOf(body) {
  return body.toString('base64url', 0, KID_SIZE);
}

/** null if it is not authentic for this key and this context. Does not check the times. */
function openBody(key, context, body) {
  const nonce = body.subarray(KID_SIZE, KID_SIZE + NONCE_SIZE);
  const ciphertext = body.subarray(KID_SIZE + NONCE_SIZE, -TAG_SIZE);
  const gcm = createDecipheriv('aes-256-gcm', derivedKey(key, nonce), nonce.subarray(12), {
    authTagLength: TAG_SIZE,
  });
  gcm.setAAD(Buffer.concat([LABEL, body.subarray(0, KID_SIZE), context]));
  gcm.setAuthTag(body.subarray(-TAG_SIZE));
  const plaintext = gcm.update(ciphertext);
  try {
    gcm.final();
  } catch {
    plaintext.fill(0);
    return null;
  }
  return {
    payload: plaintext.subarray(2 * TIME_SIZE),
    issuedAt: plaintext.readUIntBE(0, TIME_SIZE),
    expiresAt: plaintext.readUIntBE(TIME_SIZE, TIME_SIZE),
    kid: key.kid,
    id: nonce.toString('base64url'),
  };
}

// XAES-256-GCM is AES-256-GCM with a key derived from the nonce's first half (section 6).
function derivedKey(key, nonce) {
  const aes = (blocks) =>
    createCipheriv('aes-256-ecb', Key.secretOf(key), null).setAutoPadding(false).update(blocks);
  const zero = aes(Buffer.alloc(16));
  const k1 = zero.map((byte, i) => (byte << 1) | (zero[i + 1] >> 7));
  if (zero[0] & 0x80) k1[15] ^= 0x87;

  const blocks = Buffer.concat([1, 2].map((counter) =>
    Buffer.concat([Buffer.from([0, counter, 0x58, 0]), nonce.subarray(0, 12)]),
  ));
  return aes(blocks.map((byte, i) => byte ^ k1[i % 16]));
}

module.exports = { kidOf, NONCE_SIZE, openBody, parse, PREFIX, seal };
