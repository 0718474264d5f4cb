// Where one is, is in the address: a link to an experiment, a filter or a comparison can be sent.

// `#/x/7f3a?sort=when` as its parts.
function here() {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decoded), query: new URLSearchParams(query) };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function hrefOf(path, query = {}) {
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) told.set(name, value);
  const text = told.toString();
  return `#/${path.map((part) => encodeURIComponent(clean(part))).join('/')}${text ? `?${text}` : ''}`;
}

function hrefOfPoint(point) {
  return hrefOf(['x', point.id]);
}

function hrefOfList(query) {
  return hrefOf(['experiments'], query);
}

function hrefOfPair(one, other) {
  return hrefOf(['compare', one.id, other.id]);
}

// The address whose view is shown.
let shownHash = null;

// Another address in place of this one, without a place in the browser's history: for what changes
// with each key.
function replaceHash(href) {
  history.replaceState(history.state, '', href);
  shownHash = location.hash;
}
