// SPDX-License-Identifier: Apache-2.0
// Revocation lists: which are refused, what they revoke, and how they are followed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';

import {
  InvalidRevocationListError, Keyring, LiveRevocationList, openSession, RevocationList,
} from '../lib/index.mjs';
import { listOf, whole } from './revocation-files.mjs';
import { jwk, NOW, temporaryPath, textOf, write } from './ring-files.mjs';

const ring = Keyring.parse(textOf(jwk()));
const SID = 'AAAAAAAAAAAAAAAAAAAAAA';
const ALICE = ['user', 'alice', NOW];

const revocationsOf = (...entries) => RevocationList.parse(listOf(entries));

function cookieOf(text, now = NOW) {
  return `__Host-session=${ring.seal(text, { lifetime: 60, context: '__Host-session', now })}`;
}

/** '': it opens. */
function reasonOf(open) {
  try {
    open();
    return '';
  } catch (refusal) {
    assert.equal(refusal.kid, ring.keys[0].kid);
    assert.equal(refusal.expiresAt, refusal.issuedAt + 60);
    return refusal.reason;
  }
}

function sessionReason(text, revocations, { now = NOW, sealedAt = NOW } = {}) {
  return reasonOf(() => openSession(cookieOf(text, sealedAt), ring, { now, revocations }));
}

test('a list that revokes nothing', () => {
  const list = revocationsOf();
  assert.equal(list.size, 0);
  assert.equal(list.writtenAt, NOW);
  assert.equal(list.revokedAt('', ''), null);
  assert.equal(sessionReason('user=alice', list), '');
});

test('entries are found in lists of all sizes', () => {
  for (let size = 1; size < 40; ++size) {
    const entries = Array.from({ length: size }, (_, i) => ['user', `${i}`, i]);
    const list = revocationsOf(...entries);
    assert.equal(list.size, size);
    for (const [name, value, revokedAt] of entries) assert.equal(list.revokedAt(name, value), revokedAt);
    assert.equal(list.revokedAt('user', `${size}`), null);
  }
});

test('names have any case, values are bytes', () => {
  const list = revocationsOf(['user', Buffer.from([0xff, 0]), 2 ** 40 - 1], ['\u00e9', '', 5]);
  assert.equal(list.revokedAt('USER', Buffer.from([0xff, 0])), 2 ** 40 - 1);
  assert.equal(list.revokedAt('\u00e9', ''), 5);
  assert.equal(list.revokedAt('\u00c9', ''), null);
  assert.throws(() => list.revokedAt('user', undefined), TypeError);
});

test('a name that is not in use is not looked up', () => {
  const list = RevocationList.parse(listOf([ALICE], { names: ['tenant'] }));
  assert.equal(list.revokedAt('user', 'alice'), null);
  assert.equal(sessionReason('user=alice', list), '');
});

test('a session that signed in at the time of the revocation, or before, is revoked', () => {
  const list = revocationsOf(ALICE);
  assert.equal(sessionReason(`user=alice&auth_time=${NOW}`, list), 'revoked');
  assert.equal(sessionReason(`user=alice&auth_time=${NOW + 1}`, list), '');
  assert.equal(sessionReason('user=alice', list), 'revoked', 'without an auth_time, issued_at counts');
  assert.equal(sessionReason('user=alice', list, { sealedAt: NOW + 1, now: NOW + 1 }), '');
  assert.equal(sessionReason('user=bob', list), '');
  assert.equal(sessionReason('name=alice', list), '');
});

test('which fields are looked up', () => {
  assert.equal(sessionReason('USER=alice', revocationsOf(ALICE)), 'revoked');
  assert.equal(sessionReason('user=M%c3%bc+%ff', revocationsOf(['user', Buffer.from('4dc3bc20ff', 'hex'), NOW])), 'revoked');
  assert.equal(sessionReason(`user=alice&sid=${SID}`, revocationsOf(['sid', SID, NOW])), 'revoked');
  const earlier = revocationsOf(['sid', SID, NOW - 30]);
  assert.equal(sessionReason(`user=alice&sid=${SID}`, earlier), 'revoked', 'whenever it began');
  assert.equal(sessionReason('user=alice&sid=x', revocationsOf(['sid', 'x', NOW])), '', 'it is no sid');
  assert.equal(sessionReason('a=1', revocationsOf(['user', '', NOW], ['sid', '', NOW])), '');
  const long = 'x'.repeat(1024);
  assert.equal(sessionReason(`user=${long}`, revocationsOf(['user', long, NOW])), 'revoked');
  assert.equal(sessionReason(`user=${long}x`, revocationsOf(['user', `${long}x`, NOW])), '');
  assert.equal(sessionReason('a=1', revocationsOf(['user', 'x', 0], ['', '', NOW])), 'revoked');
});

test('an ended session has ended, and a revoked one does not hide another', () => {
  const list = revocationsOf(ALICE);
  assert.equal(sessionReason('user=alice', list, { now: NOW + 60 }), 'expired');
  const header = `${cookieOf('user=alice')}; ${cookieOf('user=bob')}`;
  assert.equal(openSession(header, ring, { now: NOW, revocations: list }).subject, 'bob');
});

test('tokens', () => {
  const token = ring.seal('x', { lifetime: 60, now: NOW });
  const { id } = ring.open(token, { now: NOW });
  const reason = (revocations, now = NOW) => reasonOf(() => ring.open(token, { now, revocations }));
  assert.equal(reason(revocationsOf(['token', id, 0])), 'revoked', 'whenever it was issued');
  assert.equal(reason(revocationsOf(['token', `${id}x`, NOW])), '');
  assert.equal(reason(revocationsOf(['', '', NOW])), 'revoked');
  assert.equal(reason(revocationsOf(['', '', NOW - 1])), '');
  assert.equal(reason(revocationsOf(['token', id, 0]), NOW + 60), 'expired');
});

test('what is no list', () => {
  for (const revocations of [null, '/a/path', {}, listOf([])]) {
    assert.throws(() => openSession(undefined, ring, { revocations }), TypeError);
    assert.throws(() => ring.open('x', { revocations }), TypeError);
  }
  assert.throws(() => RevocationList.parse('sealrev'), TypeError);
});

const good = listOf([ALICE, ['sid', SID, NOW]]);
const headerWith = (change) => {
  const list = Buffer.from(good);
  change(list);
  return whole(list);
};
/** `good` with its two entries in another order. */
function reordered(...places) {
  const start = good.length - 2 * 26;
  const entries = [start + 26, start].map((from) => good.subarray(from, from + 26));
  return whole(Buffer.concat([good.subarray(0, start), ...places.map((place) => entries[place])]));
}
const damages = {
  'an empty file': [Buffer.alloc(0), 'ends within its header'],
  'a torn header': [good.subarray(0, 79), 'ends within its header'],
  'a torn file': [good.subarray(0, -1), 'its header says'],
  'a byte more': [Buffer.concat([good, Buffer.alloc(1)]), 'its header says'],
  'another format': [headerWith((list) => list.write('sealrev\x02')), 'version 1'],
  'written_at beyond the greatest time': [headerWith((list) => list.writeBigUInt64BE(2n ** 40n, 32)), 'out of bounds'],
  'more entries than fit': [headerWith((list) => list.writeUInt32BE(2 ** 24 + 1, 44)), 'out of bounds'],
  'names that are too long together': [headerWith((list) => list.writeUInt16BE(1041, 48)), 'out of bounds'],
  'bytes that are not zero': [headerWith((list) => list.writeUInt8(1, 63)), 'out of bounds'],
  'a name of 65 bytes': [listOf([], { names: ['x'.repeat(65)] }), 'names is damaged'],
  'a name that goes beyond the names': [headerWith((list) => list.writeUInt8(64, 80)), 'names is damaged'],
  'a name with a capital letter': [listOf([], { names: ['User'] }), 'lower case'],
  'a name twice': [listOf([], { names: ['user', 'user'] }), 'name twice'],
  'entries that are not in order': [reordered(0, 1), 'not in order'],
  'an entry twice': [reordered(1, 1), 'not in order'],
  '17 names': [listOf([], { names: Array.from({ length: 17 }, (_, i) => `n${i}`) }), '16 names'],
};

test('a list at all bounds is read', () => {
  const names = Array.from({ length: 16 }, (_, i) => 'x'.repeat(64 - i) + 'y'.repeat(i));
  const entries = names.map((name) => [name, name, 1]);
  assert.equal(RevocationList.parse(listOf(entries)).revokedAt(names[3], names[3]), 1);
});

for (const [name, [content, why]] of Object.entries(damages)) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => RevocationList.parse(content),
      (error) => error instanceof InvalidRevocationListError && error.message.includes(why),
    );
  });
}

test('refused: any bit of a list flipped', () => {
  assert.equal(RevocationList.parse(good).size, 2);
  for (let bit = 0; bit < 8 * good.length; ++bit) {
    const list = Buffer.from(good);
    list[bit >> 3] ^= 1 << (bit & 7);
    assert.throws(() => RevocationList.parse(list), InvalidRevocationListError, `bit ${bit}`);
  }
});

test('refused: files', (t) => {
  const path = temporaryPath(t);
  const refusal = (wanted) =>
    assert.throws(
      () => RevocationList.load(path),
      (error) => error.message.startsWith(`revocation list "${path}": `) && wanted.test(error.message),
    );
  refusal(/make one: sealring revocations .* --create$/);
  for (const mode of [0o644, 0o640, 0o600, 0o444]) RevocationList.load(write(path, good, mode));
  for (const mode of [0o660, 0o646, 0o622]) {
    write(path, good, mode);
    refusal(/others than its owner can change it; run: chmod go-w /);
  }
  write(path, good.subarray(1));
  refusal(/not a revocation list/);
  unlinkSync(path);
  execFileSync('mkfifo', ['-m', '600', path]);
  refusal(/not a regular file/);
});

function follow(t) {
  const path = write(temporaryPath(t), listOf([ALICE]));
  const problems = [];
  const live = new LiveRevocationList(path, { onProblem: (message) => problems.push(message) });
  return { path, problems, live };
}

test('a new generation is taken over within a second', (t) => {
  const { path, problems, live } = follow(t);
  const bob = () => sessionReason('user=bob', live);
  assert.equal(bob(), '');
  write(path, listOf([ALICE, ['user', 'bob', NOW]], { generation: 2 }));
  assert.equal(bob(), '', 'it looks once a second');
  live.current(NOW + 1);
  assert.equal(bob(), 'revoked');
  const token = ring.seal('x', { lifetime: 60, now: NOW });
  write(path, listOf([['', '', NOW]], { generation: 2 ** 33 }));
  assert.equal(reasonOf(() => ring.open(token, { now: NOW + 2, revocations: live })), 'revoked');
  assert.deepEqual(problems, []);
});

test('a list that an agent confirms is not read again', (t) => {
  const { path, problems, live } = follow(t);
  const list = live.current(NOW);
  for (let second = 1; second < 9; ++second) {
    utimesSync(path, NOW + second, NOW + second);
    assert.equal(live.current(NOW + second), list);
  }
  // The header says that it is the same list, so what follows is not even looked at.
  write(path, Buffer.concat([listOf([ALICE]).subarray(0, -1), Buffer.from('x')]));
  assert.equal(live.current(NOW + 9), list);
  assert.deepEqual(problems, []);
});

const changes = {
  torn: (path) => write(path, listOf([], { generation: 2 }).subarray(0, -1)),
  gone: (path) => unlinkSync(path),
  'open to changes': (path) => chmodSync(path, 0o666),
  older: (path) => write(path, listOf([], { generation: 0 })),
  'of the same generation': (path) => write(path, listOf([])),
  'made anew': (path) => write(path, listOf([], { generation: 2, salt: Buffer.alloc(16, 8) })),
  damaged: (path) => {
    const list = listOf([], { generation: 2 });
    list[70] ^= 1;
    write(path, list);
  },
};
for (const [name, change] of Object.entries(changes)) {
  test(`the list in use stays, which is reported once: ${name}`, (t) => {
    const { path, problems, live } = follow(t);
    change(path);
    for (let second = 1; second < 4; ++second) {
      assert.equal(live.current(NOW + second).revokedAt('user', 'alice'), NOW);
    }
    assert.equal(problems.length, 1);
    assert(problems[0].includes(path) && problems[0].includes('stays in use'), problems[0]);

    writeFileSync(path, 'x');
    live.current(NOW + 5);
    assert.equal(problems.length, 2);

    write(path, listOf([], { generation: 3 }));
    assert.equal(live.current(NOW + 6).size, 0);
    assert.equal(problems.length, 2);
  });
}

test('a relative path, the clock, stderr', (t) => {
  const { path } = follow(t);
  const log = t.mock.method(console, 'error', () => {});
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(dirname(path));
  const live = new LiveRevocationList('session.keys');
  process.chdir('/');
  write(path, listOf([], { generation: 2 }));
  assert.equal(live.current().size, 0);
  unlinkSync(path);
  live.current(NOW);
  assert.match(log.mock.calls[0].arguments[0], /^sealring: revocation list /);
});

test('a bad list does not start', (t) => {
  const { path } = follow(t);
  chmodSync(path, 0o666);
  assert.throws(() => new LiveRevocationList(path), InvalidRevocationListError);
});
