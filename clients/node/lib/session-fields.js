// SPDX-License-Identifier: Apache-2.0
// The fields of a session and their text (spec/session.md section 1). Except in Fields and
// sessionHeader, each character of a string is one byte.
'use strict';

const MAX_TEXT = 65536;
const MAX_FIELDS = 64;
const RESERVED = new Set(['sid', 'auth_time', 'expiry', 'bound', 'prior']);

/** Names and values, in order. The case of ASCII letters in names does not matter. */
class Fields {
  #byName;

  /** `pairs`: of bytes, as parse() returns them. */
  constructor(pairs) {
    this.#byName = new Map(pairs.map(([name, value]) => [lower(name), [toText(name), toText(value)]]));
    Object.freeze(this);
  }

  get size() {
    return this.#byName.size;
  }

  has(name) {
    return this.#byName.has(lower(toBinary(name)));
  }

  get(name) {
    return this.#byName.get(lower(toBinary(name)))?.[1];
  }

  [Symbol.iterator]() {
    return this.#byName.values();
  }
}

/** The pairs of a text, or null if it is malformed. */
function parse(text) {
  if (text.length > MAX_TEXT) return null;
  const fields = new Map();
  for (const part of text.split('&')) {
    if (part === '') continue;
    const end = part.includes('=') ? part.indexOf('=') : part.length;
    const [name, value] = [decode(part.slice(0, end)), decode(part.slice(end + 1))];
    if (name === null || name === '' || value === null) return null;
    const key = lower(name);
    if (value === '') {
      fields.delete(key);
    } else {
      fields.set(key, [fields.get(key)?.[0] ?? name, value]);
      if (fields.size > MAX_FIELDS) return null;
    }
  }
  return [...fields.values()];
}

function write(pairs) {
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
}

function isReserved(name) {
  return RESERVED.has(lower(name));
}

function sessionHeader(fields) {
  const pairs = [];
  const names = new Set();
  for (const [name, value] of Symbol.iterator in fields ? fields : Object.entries(fields)) {
    const pair = [name, value].map(checked);
    const [key] = pair.map(lower);
    need(key !== '', 'a field has no name');
    need(!RESERVED.has(key), `the field ${name} is reserved; the server sets it`);
    need(!names.has(key), `there are two fields ${name}`);
    names.add(key);
    if (value !== '') pairs.push(pair); // a session has no fields without a value
  }
  const text = write(pairs);
  need(pairs.length <= MAX_FIELDS, `a session has at most ${MAX_FIELDS} fields`);
  need(text.length <= MAX_TEXT, `the fields are longer than ${MAX_TEXT} bytes`);
  return text;
}

function checked(text) {
  if (typeof text !== 'string') {
    throw new TypeError('names and values of fields must be strings');
  }
  need(!text.includes('\0'), 'a field contains U+0000');
  need(!/\p{Surrogate}/u.test(text), 'a field contains half a character');
  return toBinary(text);
}

function need(condition, problem) {
  if (!condition) throw new RangeError(problem);
}

function decode(text) {
  if (/[\0-\x1f\x7f]|%(?![0-9a-fA-F]{2})|%00/.test(text)) return null;
  return text
    .replaceAll('+', ' ')
    .replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

function encode(text) {
  return text.replace(/[^A-Za-z0-9.*_-]/g, (byte) =>
    byte === ' ' ? '+' : `%${byte.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
}

function lower(name) {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function toBinary(text) {
  return Buffer.from(text).toString('latin1');
}

function toText(binary) {
  return Buffer.from(binary, 'latin1').toString();
}

module.exports = { Fields, isReserved, lower, parse, sessionHeader, write };
