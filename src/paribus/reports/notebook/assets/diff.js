// What was changed: each change in a line, and the difference of the two trees, whose signs say what
// its colours say.

const MOST_LINES = 2000;

function changeSection(detail, point) {
  return section(detail.changes.length === 1 ? 'The change' : `${detail.changes.length} changes`,
    point.allow ? el('p', {}, `Allowed as one: ${clean(point.allow)}`) : null,
    el('ul', { class: 'changes' }, detail.changes.map(changeItem)),
    detail.diff ? diffDrawn(detail.diff) : note(detail.diff === null
      ? 'The trees are not in this repository, so that no difference can be shown.' : 'No file differs.'),
    detail.diff_cut ? note('The difference is longer than this; the rest is left out.') : null);
}

// Private functions

function changeItem(change) {
  const where = change.line ? `${change.file}:${change.line}` : change.file;
  return el('li', {}, el('span', { class: 'kind' }, change.kind), ' ', arrowed(change.summary), ' ',
    el('code', { class: 'muted' }, where ?? ''),
    change.parts?.length ? el('ul', { class: 'changes' }, change.parts.map(changeItem)) : null);
}

// `old -> new` with the arrow that it means.
function arrowed(summary) {
  return el('span', { class: 'summary' }, clean(summary).split(' -> ').join(' → '));
}

function diffDrawn(text) {
  const lines = cleanBlock(text).replace(/\n$/, '').split('\n');
  const shown = lines.slice(0, MOST_LINES).map((line) => el('span', { class: `line ${lineKind(line)}` }, block(line)));
  return el('div', {},
    reachable(el('pre', { class: 'diff', role: 'group', 'aria-label': 'Difference' }, shown)),
    lines.length > MOST_LINES ? note(`and ${lines.length - MOST_LINES} lines more`) : null);
}

function lineKind(line) {
  if (/^(---|\+\+\+|diff |index |new file|deleted file|similarity|rename )/.test(line)) return 'file';
  if (line.startsWith('@@')) return 'hunk';
  return { '+': 'added', '-': 'removed' }[line[0]] ?? 'same';
}
