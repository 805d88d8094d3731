// SPDX-License-Identifier: Apache-2.0
import { LiveKeyring, RefusedError } from 'sealring';

const ring = new LiveKeyring('session.keys');
const token = ring.seal('alice', { lifetime: 3600, context: 'session' });
try {
  console.log(ring.open(token, { context: 'session' }).payload.toString());
} catch (refusal) {
  if (!(refusal instanceof RefusedError)) throw refusal;
  console.log('no session:', refusal.reason); // for your log; to the client every refusal looks the same
}
