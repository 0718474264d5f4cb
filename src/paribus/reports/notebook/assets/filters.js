// Which experiments are listed, and in which order: what the address says.

// The words that a filter may have, and of which of an experiment's words it is one.
const FILTERS = {
  verdict: (point, value) => (value === 'promoted' ? point.promoted : point.mark === value),
  kind: (point, value) => point.kinds.some((kind) => clean(kind) === value),
  author: (point, value) => clean(point.author) === value,
  baseline: (point, value) => clean(point.against) === value,
};

const SORTS = {
  id: (point) => point.short,
  when: (point) => point.ms,
  verdict: (point) => Object.keys(OUTCOMES).indexOf(point.mark) - (point.promoted ? 0.5 : 0),
  change: (point) => point.summary.toLowerCase(),
  kind: (point) => point.kinds.join(),
  difference: (point) => point.estimate,
  pairs: (point) => point.n,
  baseline: (point) => point.step ?? point.against,
  author: (point) => nameOf(point.author).toLowerCase(),
  cost: (point) => point.seconds,
};

const LATEST_FIRST = '-when';

// What is asked for, from an address.
function asked(query) {
  const wanted = { q: query.get('q') ?? '', sort: LATEST_FIRST };
  for (const name of Object.keys(FILTERS)) wanted[name] = query.get(name) ?? '';
  const sort = query.get('sort') ?? LATEST_FIRST;
  if (Object.hasOwn(SORTS, sort.replace(/^-/, ''))) wanted.sort = sort;
  wanted.page = Math.max(1, Math.floor(Number(query.get('page'))) || 1);
  return wanted;
}

// The address of it, without what is understood.
function addressOf(wanted) {
  const told = { ...wanted };
  if (told.sort === LATEST_FIRST) told.sort = '';
  told.page = wanted.page > 1 ? String(wanted.page) : '';
  return hrefOfList(told);
}

function isFiltered(wanted) {
  return Boolean(wanted.q) || Object.keys(FILTERS).some((name) => wanted[name]);
}

function matching(points, wanted) {
  const terms = wanted.q.toLowerCase().split(/\s+/).filter(Boolean);
  const named = Object.keys(FILTERS).filter((name) => wanted[name]);
  return points.filter((point) => named.every((name) => FILTERS[name](point, wanted[name]))
    && terms.every((term) => searchable(point).includes(term)));
}

// Everything of an experiment that a person may remember of it.
function searchable(point) {
  point.searched ??= [point.id, point.summary, point.hypothesis, point.author, point.against,
    point.tag ?? '', verdictWords(point), point.kinds.join(' '), point.allow ?? '',
    point.broken.join(' ')].join('\n').toLowerCase();
  return point.searched;
}

// What is unknown comes last, whichever way the others are sorted; what is equal, the latest first.
function sorted(points, sort) {
  const keyOf = SORTS[sort.replace(/^-/, '')];
  const sign = sort.startsWith('-') ? -1 : 1;
  const keyed = points.map((point) => [keyOf(point), point]);
  keyed.sort(([a, one], [b, other]) => {
    const unknown = isUnknown(a) - isUnknown(b);
    if (unknown || isUnknown(a)) return unknown || other.at - one.at;
    return sign * compared(a, b) || other.at - one.at;
  });
  return keyed.map(([, point]) => point);
}

function isUnknown(key) {
  return key === null || key === undefined || key === '' || Number.isNaN(key) ? 1 : 0;
}

function compared(a, b) {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [String(a), String(b)];
  return one < other ? -1 : Number(one > other);
}

// The values of a column, the most frequent first, each with its count.
function counted(points, valuesOf) {
  const counts = new Map();
  for (const point of points) {
    for (const value of valuesOf(point)) counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([a, one], [b, other]) => other - one || compared(a, b));
}
