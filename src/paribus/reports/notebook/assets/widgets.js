// Small pieces that every part of the page is made of.

function section(title, ...children) {
  return el('section', {}, el('h2', {}, title), ...children);
}

function note(...children) {
  return el('p', { class: 'note' }, ...children);
}

function link(href, ...children) {
  return el('a', { href }, ...children);
}

// The head of a column of numbers.
function right(text) {
  return { text, right: true };
}

// Commands, each with what it is good for.
function commandList(commands) {
  return el('ul', { class: 'commands' }, commands.map(([what, command]) => el('li', {},
    el('span', { class: 'what' }, what), copyable(command))));
}

// A command that is copied as it is shown, never as it is hidden.
function copyable(command) {
  const shown = clean(command);
  const button = el('button', {
    type: 'button', class: 'copy', 'aria-label': `Copy: ${shown}`,
    click: async () => {
      const done = await copied(shown);
      button.textContent = done ? 'Copied' : 'Select it';
      announce(done ? 'Copied' : 'This browser does not let a page copy: select the command');
      setTimeout(() => { button.textContent = 'Copy'; }, 2000);
    },
  }, 'Copy');
  return el('span', { class: 'command' }, reachable(el('code', {}, shown)), button);
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

// A line for screen readers, which says what changed elsewhere.
function announce(text) {
  document.getElementById('announcer').textContent = clean(text);
}

// A table in a frame of its own, which scrolls where it is too wide for the window.
function tableOf(caption, heads, bodyRows, attributes = {}) {
  const head = el('thead', {}, el('tr', {}, heads.map((each) => headCell(each))));
  const body = el('tbody', {}, bodyRows.map((cells) => el('tr', {}, cells.map((cell, at) =>
    dataCell(cell, heads[at])))));
  const table = el('table', attributes, el('caption', {}, caption), head, body);
  return scrolled(caption, table);
}

function scrolled(label, child) {
  return reachable(el('div', { class: 'scrolled', role: 'group', 'aria-label': label }, child));
}

// What scrolls by itself can be reached by Tab, so that keys scroll it; what has room need not be.
function reachable(node) {
  new ResizeObserver(() => {
    const isCut = node.scrollWidth > node.clientWidth + 1 || node.scrollHeight > node.clientHeight + 1;
    if (isCut) node.setAttribute('tabindex', '0');
    else node.removeAttribute('tabindex');
  }).observe(node);
  return node;
}

function headCell(head) {
  const { text, right, unseen } = typeof head === 'string' ? { text: head } : head;
  return el('th', { scope: 'col', class: right && 'right' }, unseen ? el('span', { class: 'hidden' }, text) : text);
}

function dataCell(cell, head) {
  return el('td', { class: head.right && 'right' }, cell);
}

function disclosure(summary, ...children) {
  return el('details', {}, el('summary', {}, summary), ...children);
}

// One of a few ways to look at something; `chosen` is its value now.
function segmented(label, name, choices, chosen, choose) {
  const inputs = choices.map(([value, text]) => {
    const key = `${name}-${value}`;
    const input = el('input', { type: 'radio', name, value, 'data-key': key, change: () => choose(value) });
    input.checked = value === chosen;
    return el('label', {}, input, el('span', {}, text));
  });
  return el('fieldset', { class: 'segmented' }, el('legend', { class: 'hidden' }, label), inputs);
}

// A name that is a link to an experiment.
function pointLink(point, attributes = {}) {
  return el('a', { href: hrefOfPoint(point), class: 'id', ...attributes }, point.short);
}

// Names and values beside each other; what is unknown is left out.
function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return el('dl', { class: 'facts' }, known.map(([name, value]) =>
    el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}
