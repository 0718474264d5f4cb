// The keyboard: every way through the page by keys, which can be switched off, since a letter may mean
// something else to who speaks or types with a device of their own.

const HELP = [
  ['/', 'search the experiments'],
  ['j or ↓, k or ↑', 'next and previous experiment'],
  ['Enter', 'open it'],
  ['c', 'choose it to compare'],
  ['Escape', 'back to the list'],
  ['?', 'this list'],
];

let keysAreOn = true;

function helpDialog() {
  const on = el('input', { type: 'checkbox', change: (event) => { keysAreOn = event.target.checked; } });
  on.checked = true;
  const dialog = el('dialog', { id: 'help', 'aria-labelledby': 'help-title' },
    el('h2', { id: 'help-title' }, 'Keys'),
    el('dl', { class: 'keys' }, HELP.map(([keys, what]) =>
      el('div', {}, el('dt', {}, el('kbd', {}, keys)), el('dd', {}, what)))),
    el('label', { class: 'choose' }, on, 'letters are keys'),
    el('p', {}, el('button', { type: 'button', click: () => dialog.close() }, 'Close')));
  return dialog;
}

function showHelp() {
  document.getElementById('help').showModal();
}

function listenToKeyboard() {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
    const isTyping = event.target.matches('input:not([type=checkbox], [type=radio]), select, textarea');
    if (isTyping) typed(event);
    else if (acted(event)) event.preventDefault();
  });
}

// Private functions

// Escape leaves the search, the arrow goes from it to what was found.
function typed(event) {
  if (event.target.id !== 'search') return;
  if (event.key === 'Escape') event.target.blur();
  else if (event.key === 'ArrowDown' || event.key === 'Enter') moveInList(1);
  else return;
  event.preventDefault();
}

function acted(event) {
  const { key } = event;
  if (key === 'Escape') return back();
  if (key === 'ArrowDown' || key === 'ArrowUp') return inRow() && moveInList(key === 'ArrowDown' ? 1 : -1);
  if (!keysAreOn) return false;
  if (key === '?') return done(showHelp());
  if (key === '/') return done(search());
  if (key === 'j' || key === 'k') return move(key === 'j' ? 1 : -1);
  if (key === 'c') return chooseHere();
  return false;
}

function done() {
  return true;
}

function search() {
  const box = document.getElementById('search');
  if (box) box.focus();
  else {
    location.hash = hrefOfList({});
    focusNext = '#search';
  }
}

function back() {
  if (here().path[0] !== 'x' && here().path[0] !== 'compare') return false;
  location.hash = addressOf(lastAsked);
  return true;
}

// In the list to the next row, on an experiment's page to the next experiment.
function move(by) {
  if (document.querySelector('table.list')) return moveInList(by);
  const link = document.querySelector(`a[data-key=${by > 0 ? 'after' : 'before'}]`);
  if (link) location.hash = link.getAttribute('href');
  return Boolean(link);
}

function inRow() {
  return document.activeElement?.closest('table.list tbody');
}

function moveInList(by) {
  const links = [...document.querySelectorAll('table.list a.id')];
  if (!links.length) return false;
  const row = document.activeElement?.closest('table.list tbody tr');
  const at = row ? links.indexOf(row.querySelector('a.id')) + by : 0;
  links[Math.min(Math.max(at, 0), links.length - 1)].focus();
  return true;
}

function chooseHere() {
  const place = inRow() ? document.activeElement.closest('tr') : document.querySelector('.walk');
  const box = place?.querySelector('input.choose');
  box?.click();
  return Boolean(box);
}
