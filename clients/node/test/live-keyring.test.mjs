// SPDX-License-Identifier: Apache-2.0
// A ring that follows its file: rotation without a restart.
import assert from 'node:assert/strict';
import { chmodSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';

import { InvalidKeyringError, LiveKeyring } from '../lib/index.mjs';
import { jwk, NOW, temporaryPath, textOf, write } from './ring-files.mjs';

function setUp(t) {
  const path = write(temporaryPath(t), textOf(jwk(1)));
  const problems = [];
  const live = new LiveKeyring(path, { onProblem: (message) => problems.push(message) });
  const [one, two] = [jwk(1), jwk(2)].map((key) => kidOf(t, key));
  return { path, problems, live, one, two };
}

function kidOf(t, key) {
  return new LiveKeyring(write(temporaryPath(t), textOf(key))).current().keys[0].kid;
}

test('a rotated ring is taken over within a second', (t) => {
  const { path, live } = setUp(t);
  const old = live.seal('old', { lifetime: 0, now: NOW });
  write(path, textOf(jwk(1), jwk(2)));
  assert.equal(live.current(NOW).keys.length, 1, 'it looks once a second');
  assert.equal(live.current(NOW + 1).keys.length, 2);
  const fresh = live.seal('new', { lifetime: 0, now: NOW + 1 });
  assert.notEqual(fresh.slice(0, 11), old.slice(0, 11));
  assert.equal(String(live.open(old, { now: NOW + 1 }).payload), 'old');

  write(path, textOf(jwk(2)));
  assert.throws(() => live.open(old, { now: NOW + 2 }), { reason: 'unknown_key' });
  assert.equal(String(live.open(fresh, { now: NOW + 2 }).payload), 'new');
});

test('a file that stays is not read again', (t) => {
  const { live } = setUp(t);
  const ring = live.current(NOW);
  for (let second = 0; second < 9; ++second) assert.equal(live.current(NOW + second), ring);
});

test('a file that is written in place', (t) => {
  const { path, live, two } = setUp(t);
  live.current(NOW);
  writeFileSync(path, textOf(jwk(2)));
  utimesSync(path, NOW, NOW); // the file system's clock may not have advanced since it was made
  assert.equal(live.current(NOW + 1).keys[0].kid, two);
});

test('a clock that is set back', (t) => {
  const { path, live, two } = setUp(t);
  live.current(NOW);
  write(path, textOf(jwk(2)));
  assert.equal(live.current(NOW - 3600).keys[0].kid, two);
});

test('a relative path is one of the folder in which it was loaded', (t) => {
  const { path, two } = setUp(t);
  const before = process.cwd();
  t.after(() => process.chdir(before));
  process.chdir(dirname(path));
  const live = new LiveKeyring('session.keys', { onProblem: assert.fail });
  process.chdir('/');
  write(path, textOf(jwk(2)));
  assert.equal(live.current(NOW).keys[0].kid, two);
});

const damages = {
  torn: (path) => write(path, textOf(jwk(2)).subarray(0, -1)),
  gone: (path) => unlinkSync(path),
  open: (path) => chmodSync(path, 0o644),
};
for (const [name, damage] of Object.entries(damages)) {
  test(`a refused file leaves the ring in use and is told once: ${name}`, (t) => {
    const { path, problems, live, one, two } = setUp(t);
    damage(path);
    for (let second = 1; second < 4; ++second) {
      assert.equal(live.current(NOW + second).keys[0].kid, one);
    }
    assert.equal(problems.length, 1);
    assert(problems[0].includes(path) && problems[0].includes('stay in use'));

    write(path, 'x');
    live.current(NOW + 5);
    assert.equal(problems.length, 2);

    write(path, textOf(jwk(2)));
    assert.equal(live.current(NOW + 6).keys[0].kid, two);
    assert.equal(problems.length, 2);
  });
}

test('the clock is the default', (t) => {
  const { live } = setUp(t);
  assert.equal(String(live.open(live.seal('x', { lifetime: 60 })).payload), 'x');
});

test('problems go to stderr', (t) => {
  const { path } = setUp(t);
  const log = t.mock.method(console, 'error', () => {});
  const live = new LiveKeyring(path);
  unlinkSync(path);
  live.current(NOW);
  assert.equal(log.mock.calls.length, 1);
  assert(log.mock.calls[0].arguments[0].startsWith('sealring: key ring'));
});

test('a bad ring does not start', (t) => {
  const { path } = setUp(t);
  chmodSync(path, 0o666);
  assert.throws(() => new LiveKeyring(path), InvalidKeyringError);
});
