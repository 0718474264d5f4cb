// What was tried and did not work, by kind of change.

const DEAD_ENDS = ['no-difference', 'worse', 'undecided', 'not-comparable', 'failed'];
const MOST_LISTED = 20;

function triedSection(told) {
  if (!told.points.length) return null;
  const kinds = kindsOf(told.points);
  const marks = Object.keys(OUTCOMES).filter((mark) => told.points.some((point) => point.mark === mark));
  const heads = ['kind of change', right('tried'), ...marks.map((mark) => right(OUTCOMES[mark]))];
  const body = kinds.map((kind) => {
    const points = told.points.filter((point) => point.kinds.includes(kind));
    const counts = marks.map((mark) => countLink(points, kind, mark));
    return [link(hrefOfList({ kind }), kind), points.length, ...counts];
  });
  const untried = KINDS.filter((kind) => kind !== 'ruler' && !kinds.includes(kind));
  return section('What was tried, and what did not work',
    el('div', { class: 'columns' },
      el('div', {}, tableOf('By kind of change and outcome; of several kinds counts in each', heads, body),
        untried.length ? note(`Never tried: a change of ${listing(untried)}.`) : null),
      el('div', {}, kinds.map((kind) => deadEnds(told.points, kind)))));
}

// Private functions

function kindsOf(points) {
  const found = new Set(points.flatMap((point) => point.kinds));
  return [...KINDS.filter((kind) => found.has(kind)), ...[...found].filter((kind) => !KINDS.includes(kind))];
}

function countLink(points, kind, mark) {
  const count = points.filter((point) => point.mark === mark).length;
  return count ? link(hrefOfList({ kind, verdict: mark }), String(count)) : '';
}

function listing(words) {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

// Those of a kind that were no gain, the latest first.
function deadEnds(points, kind) {
  const found = points.filter((point) => point.kinds.includes(kind) && DEAD_ENDS.includes(point.mark)).reverse();
  if (!found.length) return null;
  const rows = found.slice(0, MOST_LISTED).map((point) => el('li', {}, pointLink(point), ' ', icon(point.mark),
    el('span', {}, `${shortened(point.summary, 200)}: `), el('span', { class: 'muted' },
      [OUTCOMES[point.mark], differenceText(point)].filter(Boolean).join(' '))));
  const more = found.length > MOST_LISTED
    ? el('p', {}, link(hrefOfList({ kind }), 'all experiments of this kind')) : null;
  return disclosure(`${kind}: ${plural(found.length, 'dead end')}`, el('ul', { class: 'dead-ends' }, rows), more);
}
