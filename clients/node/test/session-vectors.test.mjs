// SPDX-License-Identifier: Apache-2.0
// spec/vectors of sessions.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

import { Keyring, openSession, RefusedError, sessionHeader } from '../lib/index.mjs';
import { candidates } from '../lib/session-cookies.js';
import { isReserved, parse, write } from '../lib/session-fields.js';

const VECTORS = new URL('../../../spec/vectors/', import.meta.url);
const vectors = readdirSync(VECTORS)
  .filter((name) => name.startsWith('session_') && name.endsWith('.json'))
  .map((name) => JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8')));
const [texts, headers, sessions] = ['session-fields', 'session-cookie-read', 'session-open'].map(
  (kind) => vectors.filter(({ format }) => format === kind),
);
const textOf = (hex) => Buffer.from(hex, 'hex').toString();
const pairsOf = (fields) => fields.map((field) => [textOf(field.name_hex), textOf(field.value_hex)]);

test('there are vectors', () => {
  assert(texts.length > 30 && headers.length > 25 && sessions.length > 70);
});

for (const vector of texts) {
  test(`fields of ${vector.name}`, () => {
    const pairs = parse(Buffer.from(vector.text_hex, 'hex').toString('latin1'));
    if (vector.expect === 'malformed') {
      assert.equal(pairs, null);
      return;
    }
    const hexOf = (binary) => Buffer.from(binary, 'latin1').toString('hex');
    const listed = pairs.map(([name, value]) => ({ name_hex: hexOf(name), value_hex: hexOf(value) }));
    assert.deepEqual(listed, vector.fields);
    assert.equal(write(pairs), vector.written);
    const text = pairsOf(vector.fields);
    const isUtf8 = text.every((pair) => !pair.join().includes('\ufffd'));
    if (isUtf8) assert.equal(sessionHeader(text), vector.written);
  });
}

for (const vector of headers) {
  test(`cookies of ${vector.name}`, () => {
    assert.deepEqual(candidates(vector.cookie, vector.parts, [vector.header]), vector.tokens);
  });
}

for (const vector of sessions) {
  test(`session of ${vector.name}`, () => {
    const ring = Keyring.parse(Buffer.from(JSON.stringify(vector.keyring)));
    const { now, context, cookie, parts, idle, lifetime, subject_field: subject } = vector;
    const open = () =>
      openSession(vector.headers, ring, { now, context, cookie, parts, idle, lifetime, subject });
    if (vector.expect === 'none') {
      assert.equal(open(), null);
      return;
    }
    if (vector.expect !== 'ok') {
      assert.throws(open, (refusal) => {
        assert(refusal instanceof RefusedError, refusal);
        assert.equal(refusal.reason, vector.expect);
        assert.equal(refusal.kid, vector.kid);
        assert.equal(refusal.end, vector.end ?? '');
        if (refusal.reason !== 'expired') return true;
        assert.equal(refusal.issuedAt, vector.issued_at);
        assert.equal(refusal.expiresAt, vector.expires_at);
        return true;
      });
      return;
    }
    const session = open();
    assert.deepEqual([...session.fields], pairsOf(vector.fields));
    assert(![...session.fields].some(([name]) => isReserved(name)));
    const { fields, ...known } = session;
    assert.deepEqual(known, {
      subject: textOf(vector.subject_hex),
      sid: vector.sid,
      authTime: vector.auth_time,
      issuedAt: vector.issued_at,
      expiresAt: vector.expires_at,
    });
  });
}
