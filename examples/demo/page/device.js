// SPDX-License-Identifier: Apache-2.0
// Waits for the browser to bind the session, and plays the thief.
'use strict';

const page = document.body;
const element = (id) => document.getElementById(id);
const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));
const isBound = () => page.dataset.bound === '1';

async function ask(path, options) {
  const response = await fetch(path, {cache: 'no-store', ...options});
  return {ok: response.ok, text: (await response.text()).trim(), status: response.status};
}

// A browser that can bind the session has done so in a few seconds.
async function awaitBinding() {
  for (let i = 0; i < 10 && !isBound(); ++i) {
    await pause(1);
    page.dataset.bound = element('bound').textContent = (await ask('/bound')).text;
  }
  page.classList.toggle('unable', !isBound());
}

function show(output, answer) {
  output.textContent = `${answer.status} ${answer.text}`;
  output.className = answer.ok ? 'ok' : 'refused';
}

function meaning(copyWorks) {
  if (!copyWorks) return 'The copy is worth nothing any more.';
  if (!isBound()) return 'Your browser has not bound the session, so the copy is as good as yours.';
  return 'The copy works for at most 20 seconds: until the copied cookie has ended, and 5 seconds longer ' +
      'for requests that are under way. The thief cannot get another cookie.';
}

async function useCopy(cookies) {
  const thief = await ask('/thief', {credentials: 'omit', headers: {'X-Copied': cookies}});
  show(element('his'), thief);
  show(element('yours'), await ask('/protected'));
  element('meaning').textContent = meaning(thief.ok);
  return thief.ok;
}

// Scripts cannot read the cookies, so the server says what they are.
async function steal(event) {
  event.preventDefault();
  const button = element('steal').querySelector('button');
  button.disabled = true;
  element('theft').hidden = false;
  try {
    const curl = (await ask('/copy')).text;
    element('curl').textContent = curl;
    const cookies = /'(.*)'/.exec(curl)[1];
    while (await useCopy(cookies)) await pause(1);
  } catch {
    element('meaning').textContent = 'No answer: is the server still running?';
  }
  button.disabled = false;
}

page.classList.add('with-script');
element('steal').addEventListener('submit', steal);
if (page.dataset.verify === 'OK' && !isBound()) awaitBinding();
