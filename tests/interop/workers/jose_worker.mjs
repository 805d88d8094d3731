// SPDX-License-Identifier: Apache-2.0
// Lines of JSON in, lines of JSON out: see jose_workers.py.   jose_worker.mjs RING
import { createInterface } from 'node:readline';
import { open, seal } from './jose.mjs';

const ring = process.argv[2];
for await (const line of createInterface({ input: process.stdin })) {
  const { context, claims, token } = JSON.parse(line);
  let answer;
  if (claims) {
    answer = { token: await seal(ring, context, claims) };
  } else {
    answer = { claims: await open(ring, context, token).catch(() => null) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
