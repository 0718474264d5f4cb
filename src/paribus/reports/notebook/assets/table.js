// All experiments: filtered, sorted, a hundred at a time.

const ROWS = 100;

const COLUMNS = [
  { key: '', text: 'compare' },
  { key: 'id', text: 'id' },
  { key: 'verdict', text: 'verdict' },
  { key: 'change', text: 'change' },
  { key: 'difference', text: 'difference', right: true },
  { key: '', axis: true },
  { key: 'pairs', text: 'pairs', right: true },
  { key: 'kind', text: 'kind' },
  { key: 'baseline', text: 'against' },
  { key: 'author', text: 'author' },
  { key: 'cost', text: 'cost', right: true },
  { key: 'when', text: 'when', right: true },
];

// The order in which experiments were listed last, for going from one to the next.
let listed = [];

// `wanted` is what the address asks for, and what is typed changes it.
function experimentsView(told, wanted) {
  const results = el('div', { class: 'results' });
  const count = el('p', { class: 'count', role: 'status' });
  const strip = el('div', {});
  const show = () => {
    const found = matching(told.points, wanted);
    listed = sorted(found, wanted.sort);
    const pages = Math.max(1, Math.ceil(listed.length / ROWS));
    wanted.page = Math.min(wanted.page, pages);
    const rows = listed.slice((wanted.page - 1) * ROWS, wanted.page * ROWS);
    count.textContent = countText(found.length, told.points.length, wanted, pages);
    strip.replaceChildren(stripOf(told, found, wanted));
    const list = rows.length ? listTable(told, rows, wanted, turn) : nothing(told, wanted);
    results.replaceChildren(list, pager(wanted, pages, turn));
  };
  // What is typed changes the address in place; what is chosen can be gone back from.
  const turn = (changes, { typed = false } = {}) => {
    Object.assign(wanted, { page: 1 }, changes);
    if (typed) replaceHash(addressOf(wanted));
    else location.hash = addressOf(wanted);
    if (typed) show();
  };
  show();
  return el('div', {}, el('h1', { tabindex: -1 }, 'Experiments'), filterBar(told, wanted, turn), count, strip, results);
}

// Private functions

function countText(found, all, wanted, pages) {
  const shown = isFiltered(wanted) ? `${found} of ${plural(all, 'experiment')}` : plural(all, 'experiment');
  return pages > 1 ? `${shown}, page ${wanted.page} of ${pages}` : shown;
}

function stripOf(told, found, wanted) {
  if (told.points.length < 2) return el('span', {});
  return staircase(told, { byOrder: true, isSmall: true, shown: isFiltered(wanted) ? new Set(found) : null });
}

// All of them, in the same order.
function unfiltered(wanted) {
  return addressOf({ sort: wanted.sort, page: 1, q: '' });
}

function nothing(told, wanted) {
  if (!told.points.length) return el('p', {}, 'No experiments yet.');
  return el('p', {}, 'None is as asked for. ', link(unfiltered(wanted), 'Show all'));
}

function filterBar(told, wanted, turn) {
  const search = el('input', { type: 'search', id: 'search', 'data-key': 'search', value: wanted.q,
    placeholder: 'change, hypothesis, id …', autocomplete: 'off', spellcheck: 'false',
    input: (event) => turn({ q: event.target.value }, { typed: true }) });
  return el('div', { class: 'filters', role: 'search' },
    el('label', { class: 'wide' }, el('span', {}, 'search ', el('kbd', {}, '/')), search),
    picker('verdict', verdictChoices(told.points), wanted, turn),
    picker('kind', choices(told.points, (point) => point.kinds), wanted, turn),
    picker('baseline', choices(told.points, (point) => [point.against]), wanted, turn),
    picker('author', choices(told.points, (point) => [point.author], nameOf), wanted, turn),
    el('a', { class: 'button quiet', href: unfiltered(wanted) }, 'clear'));
}

function choices(points, valuesOf, nameFor = String) {
  return counted(points, valuesOf).map(([value, count]) =>
    [clean(value), `${shortened(nameFor(value), 60)} (${count})`]);
}

function verdictChoices(points) {
  const promoted = points.filter((point) => point.promoted).length;
  const told = counted(points, (point) => [point.mark]).map(([mark, count]) => [mark, `${OUTCOMES[mark]} (${count})`]);
  return promoted ? [['promoted', `promoted (${promoted})`], ...told] : told;
}

function picker(name, values, wanted, turn) {
  const select = el('select', { 'data-key': name, change: (event) => turn({ [name]: event.target.value }) },
    el('option', { value: '' }, 'any'), values.map(([value, text]) => el('option', { value }, text)));
  // A filter of an old link that nothing has any more is still said.
  if (wanted[name] && !values.some(([value]) => value === wanted[name])) {
    select.append(el('option', { value: wanted[name] }, `${wanted[name]} (0)`));
  }
  select.selectedIndex = [...select.options].findIndex((option) => option.value === wanted[name]);
  return el('label', {}, el('span', {}, name), select);
}

function listTable(told, rows, wanted, turn) {
  const scale = reach(rows, 0.97);
  const heads = COLUMNS.map((column) => sortHead(column, told, wanted, turn));
  const table = el('table', { class: 'list', role: 'table' },
    el('caption', { class: 'hidden' }, 'Experiments; the heads of the columns sort'),
    el('thead', { role: 'rowgroup' }, el('tr', { role: 'row' }, heads)),
    el('tbody', { role: 'rowgroup' }, rows.map((point) => listRow(point, told, scale))));
  return scrolled('Experiments', table);
}

function sortHead(column, told, wanted, turn) {
  const attributes = { scope: 'col', role: 'columnheader', class: column.right && 'right' };
  if (column.axis) return el('th', attributes, axisHead(told.higher_is_better));
  if (!column.key) return el('th', attributes, el('span', { class: 'hidden' }, column.text));
  const [isDown, isUp] = [wanted.sort === `-${column.key}`, wanted.sort === column.key];
  const sort = isUp ? `-${column.key}` : column.key;
  const arrow = el('span', { class: 'arrow', 'aria-hidden': 'true' }, isUp ? '▲' : isDown ? '▼' : '');
  return el('th', { ...attributes, 'aria-sort': isUp ? 'ascending' : isDown ? 'descending' : 'none' },
    el('button', { type: 'button', class: 'sort', 'data-key': `sort-${column.key}`,
      click: () => turn({ sort }) }, column.text, arrow));
}

function listRow(point, told, scale) {
  const drawn = intervalDrawn(point, scale, { mark: point.mark, effect: told.effect, width: 120 });
  const cells = [
    ['choose', chooser(point)],
    ['', pointLink(point)],
    ['', verdictTag(point)],
    ['change', el('div', {}, shortened(point.summary, 200),
      point.broken.length ? el('span', { class: 'broken' }, ` ${guardsTold(point.broken)}`) : null),
      point.hypothesis ? el('div', { class: 'muted' }, shortened(point.hypothesis, 200)) : null],
    ['right number', estimateText(point),
      isNumber(point.low) ? el('div', { class: 'muted' }, intervalText(point)) : null],
    ['drawn', drawn],
    ['right', point.n ? `${point.n} of ${point.attempted}` : ''],
    ['', point.kinds.join(', ')],
    ['', shortened(point.against, 60)],
    ['', shortened(nameOf(point.author), 60)],
    ['right', el('span', { title: plural(point.runs, 'run') }, point.seconds ? duration(point.seconds) : '')],
    ['right', dateText(point.started)],
  ];
  return el('tr', { role: 'row' }, cells.map(([name, ...content], at) =>
    el('td', { role: 'cell', class: name, 'data-head': COLUMNS[at].text }, content)));
}

function pager(wanted, pages, turn) {
  if (pages < 2) return el('span', {});
  const to = (page, text) => el('button', { type: 'button', 'data-key': text,
    disabled: page < 1 || page > pages, click: () => turn({ page }) }, text);
  return el('nav', { class: 'pager', 'aria-label': 'Pages' },
    to(wanted.page - 1, '← before'), el('span', {}, `${wanted.page} of ${pages}`), to(wanted.page + 1, 'after →'));
}
