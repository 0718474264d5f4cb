// The frame of the page, and the view that its address asks for.

// What was asked of the list last, to which one goes back from an experiment.
let lastAsked = asked(new URLSearchParams());

// Where the keyboard goes after the next view is shown, where not to its heading.
let focusNext = null;

const scrolledTo = new Map();
let turns = 0;

function frame(told) {
  const name = told.folder && told.folder !== '.' ? `${clean(told.project)} (${clean(told.folder)})` : told.project;
  return [
    el('a', { class: 'skip', href: '#main', click: focusMain }, 'To the content'),
    el('header', {}, el('div', { class: 'inner' },
      el('span', { class: 'project' }, name),
      el('nav', { 'aria-label': 'Views' },
        viewLink('', 'Overview'), viewLink('experiments', 'Experiments'), viewLink('compare', 'Compare')),
      el('span', { class: 'tools' },
        el('button', { type: 'button', class: 'quiet', id: 'theme', click: turnTheme }, 'Dark or light'),
        el('button', { type: 'button', class: 'quiet', 'aria-label': 'Keys', click: showHelp }, '?')))),
    el('main', { id: 'main', tabindex: -1 }),
    el('aside', { id: 'chosen', 'aria-label': 'Chosen to compare', hidden: true }),
    el('footer', {}, el('div', { class: 'inner' }, footerWords(told))),
    el('div', { id: 'announcer', class: 'hidden', 'aria-live': 'polite' }),
    helpDialog(),
  ];
}

function viewLink(view, text) {
  return el('a', { href: hrefOf(view ? [view] : []), 'data-view': view }, text);
}

function footerWords(told) {
  const words = [`Made by Paribus ${clean(told.version)}`];
  if (told.ledger) words.push(`from ledger ${clean(told.ledger).slice(0, 7)}`);
  if (told.recorded) words.push(`of ${dateText(told.recorded, true)}`);
  return `${words.join(' ')}. This file needs no network and holds all that it shows.`;
}

// Light and dark as the system has it, until it is turned; kept as long as the page is open.
function turnTheme() {
  const isDark = getComputedStyle(document.documentElement).colorScheme === 'dark'
    || (!document.documentElement.dataset.theme && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'light' : 'dark';
}

function focusMain(event) {
  event.preventDefault();
  (document.querySelector('#main h1') ?? document.getElementById('main')).focus();
}

function viewOf(told, { path, query }) {
  if (!path.length) return overviewView(told, query);
  if (path[0] === 'experiments') {
    lastAsked = asked(query);
    return experimentsView(told, lastAsked);
  }
  if (path[0] === 'x') return experimentView(told, path[1] ?? '');
  if (path[0] === 'compare') return compareView(told, path.slice(1));
  return missing('There is no such page in this notebook.');
}

async function show(told) {
  turns += 1;
  const turn = turns;
  const before = shownHash;
  const isFirst = before === null;
  if (!isFirst) scrolledTo.set(before, scrollY);
  const where = here();
  const view = await viewOf(told, where);
  if (turn !== turns) return;
  const isSameView = !isFirst && viewName(before) === viewName(location.hash) && where.path[0] !== 'x';
  const kept = isSameView ? document.activeElement?.dataset?.key : null;
  shownHash = location.hash;
  const main = document.getElementById('main');
  main.replaceChildren(view);
  nameThePage(told, where);
  refocus(main, { isFirst, kept, before });
}

// Private functions

function viewName(hash) {
  return hash.replace(/^#\/?/, '').split(/[/?]/, 1)[0];
}

function nameThePage(told, { path }) {
  const heading = document.querySelector('#main h1')?.textContent ?? '';
  document.title = clean(path.length ? `${heading} · ${told.project}` : `${told.project}: ${heading}`);
  for (const link of document.querySelectorAll('header nav a')) {
    const isHere = link.dataset.view === (path[0] === 'x' ? 'experiments' : path[0] ?? '');
    if (isHere) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

// Back to the control that was used, to the row from which one came, or to the heading.
function refocus(main, { isFirst, kept, before }) {
  const control = kept && main.querySelector(`[data-key="${CSS.escape(kept)}"]`);
  const row = before ? main.querySelector(`table.list a[href="${CSS.escape(before)}"]`) : null;
  const wanted = focusNext && main.querySelector(focusNext);
  focusNext = null;
  if (!control) scrollTo(0, scrolledTo.get(shownHash) ?? 0);
  if (isFirst) return;
  row?.scrollIntoView({ block: 'nearest' });
  (wanted ?? control ?? row ?? main.querySelector('h1')).focus({ preventScroll: true });
}

async function start() {
  if (typeof DecompressionStream === 'undefined') {
    document.body.prepend(el('main', { class: 'plain' }, el('h1', {}, 'This browser is too old for the notebook'),
      el('p', {}, 'It needs one of 2023 or later. In a terminal: paribus status, paribus log, paribus show.')));
    return;
  }
  const told = await readNotebook();
  told.byId = new Map(told.points.map((point) => [point.id, point]));
  listed = sorted(told.points, LATEST_FIRST);
  document.body.prepend(...frame(told));
  listenToKeyboard();
  history.scrollRestoration = 'manual';
  addEventListener('hashchange', () => show(told));
  await show(told);
  document.documentElement.dataset.ready = 'yes';
}

start();
