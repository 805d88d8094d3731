// SPDX-License-Identifier: Apache-2.0
// The tokens of a session in Cookie headers (spec/session.md section 3.1).
'use strict';

const MAX_PARTS = 9;
const MAX_CANDIDATES = 4;

/** In the order in which they were sent; null for a malformed one. */
function candidates(name, parts, headers) {
  const names = Array.from({ length: parts }, (_, i) => (i === 0 ? name : `${name}-${i}`));
  const [first, ...others] = valuesOf(names, headers);
  let divided = 0;
  return first.slice(0, MAX_CANDIDATES).map((value) => {
    if (value[1] !== '~') return value;
    const nth = divided++;
    const count = '23456789'.includes(value[0]) ? Number(value[0]) : 0;
    if (count === 0 || count > parts) return null;
    const pieces = others.slice(0, count - 1).map((sent) => sent[nth]);
    return pieces.includes(undefined) ? null : value.slice(2) + pieces.join('');
  });
}

/** The bound cookies of a session (spec/device-binding.md section 7.1). */
function boundCookies(name, headers) {
  return valuesOf([`${name}-bound`], headers)[0].slice(0, MAX_CANDIDATES);
}

/** For each name, the values that were sent. */
function valuesOf(names, headers) {
  const values = new Map(names.map((key) => [key, []]));
  for (const part of headers.flatMap((header) => header.split(';'))) {
    const end = part.indexOf('=');
    if (end !== -1) values.get(trim(part.slice(0, end)))?.push(trim(part.slice(end + 1)));
  }
  return [...values.values()];
}

/** String.trim removes more than spaces and tabs, and a regular expression takes quadratic time. */
function trim(text) {
  const isBlank = (at) => text[at] === ' ' || text[at] === '\t';
  let [begin, end] = [0, text.length];
  while (begin < end && isBlank(begin)) ++begin;
  while (begin < end && isBlank(end - 1)) --end;
  return text.slice(begin, end);
}

module.exports = { boundCookies, candidates, MAX_PARTS };
