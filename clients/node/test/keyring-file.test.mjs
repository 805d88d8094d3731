// SPDX-License-Identifier: Apache-2.0
// Which files are trusted, and what messages contain and do not contain.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { inspect } from 'node:util';

import { InvalidKeyringError, Keyring } from '../lib/index.mjs';
import { jwk, temporaryPath, textOf, write } from './ring-files.mjs';

function refusal(path) {
  let message;
  assert.throws(
    () => Keyring.load(path),
    (error) => {
      message = error.message;
      return error instanceof InvalidKeyringError;
    },
  );
  assert(message.startsWith(`key ring "${path}": `), message);
  return message;
}

test('a ring is read', (t) => {
  const ring = Keyring.load(write(temporaryPath(t), textOf(jwk(1), jwk(2))));
  assert.equal(ring.keys.length, 2);
});

test('modes', (t) => {
  const path = temporaryPath(t);
  for (const mode of [0o640, 0o600, 0o440, 0o400]) Keyring.load(write(path, textOf(jwk()), mode));
  for (const mode of [0o641, 0o642, 0o644, 0o650, 0o660, 0o604, 0o777]) {
    assert(refusal(write(path, textOf(jwk()), mode)).includes(`chmod 640 ${path}`));
  }
});

// Only root can, and no one in a Node.js that uses io_uring, as that of Debian 13 (CVE-2024-22017).
function canChangeUser() {
  try {
    process.seteuid(0);
    return true;
  } catch {
    return false;
  }
}

test('a stranger owns it', { skip: !canChangeUser() && 'this process cannot change its user' }, (t) => {
  const path = write(temporaryPath(t), textOf(jwk()));
  chownSync(path, 54_321, 0);
  assert(refusal(path).endsWith(`run: chown root ${path}`));
  process.seteuid(54_321);
  try {
    assert.match(refusal(path), /permission denied/); // for the folder
  } finally {
    process.seteuid(0);
  }
  chmodSync(dirname(path), 0o755);
  process.seteuid(54_321);
  try {
    assert.equal(Keyring.load(path).keys.length, 1);
  } finally {
    process.seteuid(0);
  }
});

test('what is no file', (t) => {
  const path = temporaryPath(t);
  assert(refusal(path).includes(`no such file or directory; make one: sealring keyring init ${path}`));
  execFileSync('mkfifo', ['-m', '600', path]);
  assert.match(refusal(path), /not a regular file/);
  assert.match(refusal(dirname(path)), /not a regular file/);
});

test('sizes', (t) => {
  const path = temporaryPath(t);
  assert.match(refusal(write(path, '')), /empty/);
  const text = textOf(jwk()).toString();
  Keyring.load(write(path, text.padEnd(1 << 20)));
  assert.match(refusal(write(path, text.padEnd((1 << 20) + 1))), /1 MiB/);
});

test('numbers of keys', () => {
  const keys = Array(4096).fill(jwk(1, { alg: 'nginx-legacy' }));
  assert.equal(Keyring.parse(textOf(...keys)).keys.length, 4096);
  assert.throws(() => Keyring.parse(textOf(...keys, keys[0])), /4096/);
});

test('a symbolic link is followed', (t) => {
  const path = temporaryPath(t);
  symlinkSync(write(`${path}.target`, textOf(jwk())), path);
  Keyring.load(path);
});

const altered = (from, to) => Buffer.from(textOf(jwk()).toString().replace(from, to));
const bad = [
  ['torn', textOf(jwk()).subarray(0, -2), /not JSON, or torn/],
  ['byte order mark', Buffer.concat([Buffer.from('efbbbf', 'hex'), textOf(jwk())]), /not JSON/],
  ['not UTF-8', Buffer.concat([Buffer.from('ff', 'hex'), textOf(jwk())]), /not JSON/],
  ['not UTF-8 within', Buffer.from(altered('"kty"', '"a": "\xff", "kty"').toString(), 'latin1'), /not JSON/],
  ['nested', Buffer.from(`{"keys": [${'['.repeat(100_000)}`), /not JSON/],
  ['NaN', altered('"keys"', '"a": NaN, "keys"'), /not JSON/],
  ['a key twice', textOf(jwk(), jwk()), /twice/],
  ['wrong kid', textOf(jwk(1), jwk(2, { kid: 'XXXXXXXX' })), /key 2: its kid must be/],
  ['wrong time', textOf(jwk(1, { open_until: 'never' })), /key 1: "open_until" must be a whole/],
  ['kid with a newline', textOf(jwk(1, { alg: 'nginx-legacy', kid: 'old\n' })), /"kid" must be text/],
  ['shared', textOf(jwk(), jwk(1, { alg: 'nginx-legacy', kid: 'old' })), /start a new ring: .* init$/],
  ['minus zero', altered('"kty"', '"seal_from": -0, "kty"'), /"seal_from"/],
];
for (const [name, text, problem] of bad) {
  test(`the message tells the problem and no secret: ${name}`, (t) => {
    const path = write(temporaryPath(t), text);
    assert.throws(
      () => Keyring.load(path),
      (error) => {
        assert(error instanceof InvalidKeyringError);
        assert.match(error.message, problem);
        const seen = inspect(error, { depth: Infinity, showHidden: true });
        assert(!seen.includes(jwk().k) && !seen.includes('AQEBAQ'));
        return true;
      },
    );
  });
}

test('a key does not show its secret', () => {
  const ring = Keyring.parse(textOf(jwk()));
  const seen = inspect(ring, { depth: Infinity, showHidden: true }) + JSON.stringify(ring);
  assert(seen.includes(ring.keys[0].kid));
  assert(!seen.includes('01 01') && !seen.includes('AQEB') && !seen.includes('1,1,1'));
});

test('unknown members are ignored', () => {
  const numbers = `"a": 1${'0'.repeat(5000)}, "b": -1.5e3, "c": "\\"{", "__proto__": 1, "kty"`;
  assert.equal(Keyring.parse(altered('"kty"', numbers)).keys.length, 1);
  const others = '"a": {"b": "\\udc00", "b": 1}, "kty"';
  assert.equal(Keyring.parse(altered('"kty"', others)).keys.length, 1);
  const foreign = '{"kty": "RSA", "n": "\\udc00", "n": 1}, {"kty"';
  assert.equal(Keyring.parse(altered('{"kty"', foreign)).keys.length, 1);
  const inherited = '"__proto__": {"open_until": 1}, "kty"';
  assert.equal(Keyring.parse(altered('"kty"', inherited)).keys[0].openUntil, 0);
});

test('keys of all algorithms are read', () => {
  const apache = (alg, k = 'c2VjcmV0') => jwk(1, { alg: `apache-${alg}`, k });
  const ciphers = ['aes256', 'aes192', 'aes128', '3des192'];
  const ring = Keyring.parse(textOf(jwk(), ...ciphers.map((cipher) => apache(cipher))));
  assert.deepEqual(ring.keys.slice(1).map(({ kid }) => kid), ['', '', '', '']);
  const jwe = (byte, members) => jwk(byte, { alg: 'A256GCM', ...members });
  const { keys } = Keyring.parse(textOf(jwe(2), jwe(3, { kid: 'mine' })));
  assert.deepEqual(keys.map(({ kid }) => kid.length), [8, 4]);
  for (const k of ['', 'eA'.repeat(5462)]) {
    assert.throws(() => Keyring.parse(textOf(apache('aes256', k))), /1 to 8192 bytes/);
  }
});
