// SPDX-License-Identifier: Apache-2.0
// What the demo's page gains with JavaScript: the token's parts in colour, a countdown, and
// answers shown in place.
'use strict';

const page = document.body;
const all = (selector) => document.querySelectorAll(selector);

// An s1 token: "s1." key ID (8 characters) nonce (32) sealed contents (the rest).
function showParts(code) {
  const token = /^(s1\.)(.{8})(.{32})(.+)$/.exec(code.textContent);
  if (!token) return;
  code.textContent = '';
  ['format', 'kid', 'nonce', 'sealed'].forEach((name, i) => {
    const part = document.createElement('span');
    part.className = name;
    part.textContent = token[i + 1];
    code.append(part);
  });
  document.querySelector('.legend').hidden = false;
  if (location.search === '?altered') markAltered(code.querySelector('.sealed'));
}

// The server alters the first character of the sealed contents.
function markAltered(sealed) {
  const mark = document.createElement('mark');
  mark.textContent = sealed.textContent[0];
  sealed.textContent = sealed.textContent.slice(1);
  sealed.prepend(mark);
  document.querySelector('.legend .altered').hidden = false;
}

// An hour after the login, as nginx.conf says.
function showLatest() {
  const signedIn = Number(page.dataset.authTime);
  const row = document.querySelector('.latest');
  if (!signedIn || !row) return;
  row.querySelector('time').textContent = signedIn + 3600;
  row.hidden = false;
}

function showTimes() {
  for (const time of all('time')) {
    const seconds = Number(time.textContent);
    if (!seconds) continue;
    const date = new Date(seconds * 1000);
    time.dateTime = date.toISOString();
    time.textContent = date.toLocaleTimeString();
  }
}

function inWords(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = `${seconds % 60} s`;
  return minutes ? `${minutes} min ${rest}` : rest;
}

// Counts down by the server's clock, and looks again when the time is over.
function countDown() {
  const expiresAt = Number(page.dataset.expiresAt);
  if (page.dataset.verify !== 'OK' || !expiresAt) return;
  const ahead = Number(page.dataset.now) * 1000 - Date.now();
  const left = document.getElementById('left');
  const tick = () => {
    const seconds = Math.ceil(expiresAt - (Date.now() + ahead) / 1000);
    left.textContent = inWords(Math.max(seconds, 0));
    if (seconds > 0) return;
    clearInterval(timer);
    location.replace('/');
  };
  const timer = setInterval(tick, 250);
  document.querySelector('.countdown').hidden = false;
  tick();
}

async function answerInPlace(event) {
  event.preventDefault();
  const form = event.target;
  const output = form.closest('article').querySelector('output');
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) url.searchParams.set(name, value);
  try {
    const response = await fetch(url, {method: form.method, headers: {Accept: 'text/plain'}});
    output.textContent = `${response.status} ${(await response.text()).trim()}`;
    output.className = response.ok ? 'ok' : 'refused';
  } catch {
    output.textContent = 'No answer: is the server still running?';
    output.className = 'refused';
  }
}

page.classList.add('with-script');
showParts(document.getElementById('token'));
showLatest();
showTimes();
countDown();
for (const form of all('form.answered')) form.addEventListener('submit', answerInPlace);
