// SPDX-License-Identifier: Apache-2.0
// Sessions: arguments, defaults, fields, and the header that replaces one. The vectors have the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Keyring, LiveKeyring, openSession, sessionHeader } from '../lib/index.mjs';
import { jwk, NOW, temporaryPath, textOf, write } from './ring-files.mjs';

const ring = Keyring.parse(textOf(jwk()));

function cookieOf(text, { name = '__Host-session', context = name, lifetime = 60, now = NOW } = {}) {
  return `${name}=${ring.seal(text, { lifetime, context, now })}`;
}

function sessionOf(text) {
  return openSession(cookieOf(text), ring, { now: NOW });
}

test('the defaults are those of the servers', () => {
  const session = sessionOf('a=1&user=alice');
  assert.equal(session.subject, 'alice');
  assert.deepEqual([...session.fields], [['a', '1'], ['user', 'alice']]);
  assert.deepEqual([session.authTime, session.issuedAt, session.expiresAt], [NOW, NOW, NOW + 60]);
  const long = cookieOf(`cart=${'x'.repeat(3000)}`).split('=')[1];
  const inTwo = `__Host-session=2~${long.slice(0, 3000)}; __Host-session-1=${long.slice(3000)}`;
  assert.equal(openSession(inTwo, ring, { now: NOW }).fields.size, 1);
  const inThree = `__Host-session=3~${long.slice(0, 100)}; __Host-session-1=${long.slice(100)}; __Host-session-2=`;
  assert.throws(() => openSession(inThree, ring, { now: NOW }), { reason: 'malformed' });
  assert.equal(openSession(inThree, ring, { now: NOW, parts: 3 }).fields.size, 1);
});

test('a sign-in that no clock shows is rounded, and has no other effect', () => {
  const session = sessionOf(`auth_time=${2n ** 63n - 1n}&user=alice`);
  assert.equal(session.authTime, 2 ** 63);
  assert.equal(session.subject, 'alice');
});

test('another name has another context', () => {
  const cookie = cookieOf('user=alice', { name: 'app' });
  assert.equal(openSession(cookie, ring, { now: NOW, cookie: 'app' }).subject, 'alice');
  assert.equal(openSession(cookie, ring, { now: NOW }), null);
  const wrong = { now: NOW, cookie: 'app', context: 'shop' };
  assert.throws(() => openSession(cookie, ring, wrong), { reason: 'authentication_failed' });
});

test('the clock is the default', () => {
  const now = Math.floor(Date.now() / 1000);
  assert.equal(openSession(cookieOf('user=alice', { now }), ring).issuedAt, now);
  assert.throws(() => openSession(cookieOf('user=alice', { now: 1 }), ring), { end: 'idle' });
});

test('no header is no session', () => {
  for (const header of [undefined, null, '', [], ['', 'a=1']]) {
    assert.equal(openSession(header, ring), null);
  }
});

test('a ring that follows its file', (t) => {
  const live = new LiveKeyring(write(temporaryPath(t), textOf(jwk())));
  assert.equal(openSession(cookieOf('user=alice'), live, { now: NOW }).subject, 'alice');
  assert.throws(() => openSession(cookieOf('user=alice'), live, { now: NOW + 60 }), { end: 'idle' });
});

test('a token alone expires without an end of a session', () => {
  const token = ring.seal('', { lifetime: 1, now: NOW });
  assert.throws(() => ring.open(token, { now: NOW + 1 }), { reason: 'expired', end: '' });
});

test('arguments out of bounds', () => {
  for (const options of [
    { parts: 0 }, { parts: 10 }, { parts: 1.5 }, { idle: -1 }, { lifetime: 0.5 }, { now: -1 },
  ]) {
    assert.throws(() => openSession(undefined, ring, options), RangeError);
  }
  assert.throws(() => openSession(cookieOf(''), ring, { context: 'x'.repeat(1025) }), RangeError);
  assert.throws(() => openSession(cookieOf(''), {}), TypeError);
});

test('fields are found in any case of their ASCII letters', () => {
  const { fields } = sessionOf('User=alice&%c3%84=1&__proto__=2');
  assert.equal(fields.get('uSER'), 'alice');
  assert(fields.has('USER') && fields.has('Ä') && fields.has('__proto__'));
  assert(!fields.has('ä') && !fields.has('use') && !fields.has('constructor'));
  assert.equal(fields.get('none'), undefined);
  assert.deepEqual(Object.fromEntries(fields), { User: 'alice', 'Ä': '1', ['__proto__']: '2' });
  // The Kelvin sign is not a k, although toLowerCase makes one of it.
  assert.equal(sessionOf('%e2%84%aa=1').fields.get('k'), undefined);
});

test('bytes that are not UTF-8 keep fields apart', () => {
  assert.deepEqual([...sessionOf('%ff=1&%fe=2').fields], [['\ufffd', '1'], ['\ufffd', '2']]);
});

test('a long text is refused, whatever is in it', () => {
  assert.equal(sessionOf(`a=${'x'.repeat(65534)}`).fields.get('a').length, 65534);
  assert.throws(() => sessionOf('&'.repeat(65537)), { reason: 'malformed' });
});

test('white space in a header costs nothing', () => {
  const blanks = ' \t'.repeat(1 << 20);
  const cookie = `a=${blanks}b;${blanks}${cookieOf('user=alice')}${blanks}`;
  assert.equal(openSession(cookie, ring, { now: NOW }).subject, 'alice');
});

test('a header of fields', () => {
  assert.equal(sessionHeader({ user: 'alice', name: 'Müller & Söhne', tab: '\t' }),
    'user=alice&name=M%c3%bcller+%26+S%c3%b6hne&tab=%09');
  assert.equal(sessionHeader(new Map([['b', '2'], ['a', '1']])), 'b=2&a=1');
  assert.equal(sessionHeader({}), '');
  assert.equal(sessionHeader({ user: 'alice', role: '' }), 'user=alice');
  assert.equal(sessionHeader(sessionOf('user=alice&sid=x&auth_time=1&b=+').fields), 'user=alice&b=+');
});

test('a header that is refused', () => {
  const many = Array.from({ length: 65 }, (_, i) => [`f${i}`, 'v']);
  assert.equal(sessionHeader(many.slice(1)).split('&').length, 64);
  for (const fields of [
    { sid: 'x' }, { Auth_Time: '1' }, { EXPIRY: '1' }, { bound: '' }, { prior: 'x' }, { '': 'x' },
    { user: 'a', USER: 'b' }, { a: '', A: '1' }, { a: 'b\0' }, { 'a\0': 'b' }, { a: '\ud800' },
    many, { a: 'x'.repeat(65535) },
  ]) {
    assert.throws(() => sessionHeader(fields), RangeError, JSON.stringify(fields).slice(0, 40));
  }
  assert.equal(sessionHeader({ a: 'x'.repeat(65534) }).length, 65536);
  for (const fields of [{ a: 1 }, { a: null }, { a: undefined }, 'user=alice', null, [['a']]]) {
    assert.throws(() => sessionHeader(fields), TypeError);
  }
});
