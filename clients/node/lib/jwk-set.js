// SPDX-License-Identifier: Apache-2.0
// The keys in the text of a key ring file, each checked on its own (spec/keyring.md sections 2 to 4).
'use strict';

const { createHash } = require('node:crypto');

const { fromBase64url } = require('./base64url.js');
const { InvalidKeyringError } = require('./errors.js');
const { ALGORITHMS, Key, MAX_KEYS } = require('./key.js');
const { LATEST_TIME } = require('./time.js');

const KID = /^[!-~]{1,128}$/;

function parseJwkSet(text) {
  const { document, set, faultsOfKeys } = parseJson(text);
  const jwks = isObject(document) ? document.keys : undefined;
  need(Array.isArray(jwks), 'it is not a JWK Set: a JSON object with a list "keys"');
  refuseFaults(set);
  need(jwks.length <= MAX_KEYS, `it holds more than ${MAX_KEYS} keys`);
  const keys = [];
  for (const [index, jwk] of jwks.entries()) {
    try {
      need(isObject(jwk), 'it is not an object');
      if (isForeign(jwk, faultsOfKeys[index])) continue;
      refuseFaults(faultsOfKeys[index]);
      keys.push(parseKey(jwk));
    } catch (error) {
      if (!(error instanceof InvalidKeyringError)) throw error;
      throw new InvalidKeyringError(`key ${index + 1}: ${error.message}`);
    }
  }
  return keys;
}

/** Whether it is for other programs (RFC 7517 section 5). Fails if that is not certain. */
function isForeign(jwk, { twice }) {
  const certain = !['kty', 'use', 'alg'].some((name) => twice.has(name));
  need(certain, 'it has "kty", "use" or "alg" twice');
  const isOther = (value, isOurs) => typeof value === 'string' && !isOurs(value);
  return (
    isOther(jwk.kty, (kty) => kty === 'oct') ||
    isOther(jwk.use, (use) => use === 'enc') ||
    isOther(jwk.alg, (alg) => ALGORITHMS.has(alg))
  );
}

function refuseFaults({ twice, half }) {
  need(!half, 'it has an escape for half a character');
  need(twice.size === 0, 'it has a duplicate member');
}

function need(condition, problem) {
  if (!condition) throw new InvalidKeyringError(problem);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseJson(bytes) {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    JSON.parse(text);
    return { document: JSON.parse(withoutOtherNumbers(text)), ...findFaults(text) };
  } catch {
    // The message of JSON.parse quotes the text with its secrets, so it is not passed on.
    throw new InvalidKeyringError('it is not JSON, or torn; restore it from a backup');
  }
}

// From here on the text is known to be JSON, where a quote begins or ends a string.
const STRING = '"[^"\\\\]*(?:\\\\.[^"\\\\]*)*"';
const STRUCTURE = new RegExp(`(${STRING})\\s*(:)?|[[\\]{}]`, 'g');
const NUMBER = new RegExp(`${STRING}|-?\\d[\\d.eE+-]*`, 'g');

/**
 * JSON.parse keeps the last of two equal members, and accepts an escape for half a character. This
 * finds the names that the set and each of its keys have twice, and whether there is such an escape.
 */
function findFaults(text) {
  const set = { twice: new Set(), half: false };
  const faultsOfKeys = [];
  const open = [];
  for (const [lexeme, string, colon] of text.matchAll(STRUCTURE)) {
    const outer = open.at(-1);
    if (lexeme === '[') {
      open.push({ isKeys: outer?.faults === set && outer.name === 'keys' });
    } else if (lexeme === '{') {
      const faults = outer === undefined ? set : { twice: new Set(), half: false };
      if (outer?.isKeys) faultsOfKeys.push(faults);
      open.push({ faults, names: new Set() });
    } else if (lexeme === '}' || lexeme === ']') {
      open.pop();
    } else if (outer?.faults !== undefined) {
      const content = JSON.parse(string);
      outer.faults.half ||= string.includes('\\u') && /\p{Surrogate}/u.test(content);
      if (colon === undefined) continue;
      if (outer.names.has(content)) outer.faults.twice.add(content);
      outer.names.add(content);
      outer.name = content;
    }
  }
  return { set, faultsOfKeys };
}

/** JSON.parse forgets how a number was written: neither 1e3 nor null is a time. */
function withoutOtherNumbers(text) {
  return text.replace(NUMBER, (lexeme) =>
    lexeme.startsWith('"') || /^\d+$/.test(lexeme) ? lexeme : 'null',
  );
}

function parseKey(jwk) {
  need(jwk.kty === 'oct', '"kty" must be "oct"');
  need(jwk.use === undefined || jwk.use === 'enc', '"use" must be "enc"');
  const algorithm = ALGORITHMS.get(jwk.alg);
  need(algorithm !== undefined, 'it has no "alg"');

  const secret = base64urlMember(jwk, 'k');
  const { minSecret: low, maxSecret: high } = algorithm;
  const bounds = low === high ? low : `${low} to ${high}`;
  need(secret.length >= low && secret.length <= high, `its secret must be ${bounds} bytes long`);
  if (jwk.iv !== undefined) {
    need(algorithm.maxIv !== null, 'its algorithm has no "iv"');
    need(base64urlMember(jwk, 'iv').length <= algorithm.maxIv, 'its IV is too long');
  }
  return new Key({
    kid: kidMember(jwk, algorithm, secret),
    algorithm: jwk.alg,
    secret,
    sealFrom: timeMember(jwk, 'seal_from'),
    openUntil: timeMember(jwk, 'open_until'),
    openOnly: isOpenOnly(jwk.key_ops),
  });
}

function base64urlMember(jwk, name) {
  const bytes = typeof jwk[name] === 'string' ? fromBase64url(jwk[name]) : null;
  need(bytes !== null, `"${name}" must be in base64url without padding`);
  return bytes;
}

function timeMember(jwk, name) {
  const time = jwk[name] === undefined ? 0 : jwk[name];
  const isTime = typeof time === 'number' && time <= LATEST_TIME;
  need(isTime, `"${name}" must be a whole number of seconds since 1970`);
  return time;
}

function isOpenOnly(operations) {
  if (operations === undefined) return false;
  need(Array.isArray(operations), '"key_ops" must be a list');
  const isText = operations.every((operation) => typeof operation === 'string');
  need(isText, '"key_ops" must be a list of text');
  need(operations.includes('decrypt'), '"key_ops" must hold "decrypt"');
  return !operations.includes('encrypt');
}

/** The first 6 bytes of the RFC 7638 thumbprint. */
function derivedKid(secret) {
  const jwk = `{"k":"${secret.toString('base64url')}","kty":"oct"}`;
  return createHash('sha256').update(jwk).digest().toString('base64url', 0, 6);
}

function kidMember({ kid }, algorithm, secret) {
  const derived = algorithm.modern ? derivedKid(secret) : '';
  if (kid === undefined) return derived;
  const isKid = typeof kid === 'string' && KID.test(kid);
  need(isKid, '"kid" must be text of 1 to 128 printable characters without spaces');
  need(
    !algorithm.kidIsDerived || kid === derived,
    `its kid must be ${derived}, which follows from its secret; one of the two was altered`,
  );
  return kid;
}

module.exports = { parseJwkSet };
