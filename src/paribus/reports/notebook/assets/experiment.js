// An experiment's page: the verdict first, then what it rests on, then how to see it again.

async function experimentView(told, id) {
  const point = begins(told, id);
  if (!point) return missing(`No experiment ${clean(id)} is in this notebook.`);
  const detail = await detailOf(point);
  return el('article', { class: 'experiment' },
    walkBar(told, point),
    el('p', { class: 'eyebrow' }, el('span', { class: 'id' }, point.short), ['', ...about(point)].join(' · ')),
    el('h1', { tabindex: -1 }, icon(point.mark), mainLine(point, detail)),
    el('p', { class: 'lead' }, arrowed(point.summary)),
    point.hypothesis ? el('blockquote', {}, point.hypothesis) : null,
    detail ? reasons(detail) : null,
    factsOf(point, detail),
    detail ? evidence(detail, point, told) : note('This file has no details of it.'));
}

// Private functions

function about(point) {
  return [point.kinds.join(', '), `against ${point.against}`, nameOf(point.author), dateText(point.started)];
}

function missing(words) {
  return el('div', {}, el('h1', { tabindex: -1 }, words),
    el('p', {}, link(hrefOfList({}), 'All experiments')));
}

// Where it is among the others that were listed last, and the way to a comparison.
function walkBar(told, point) {
  const [before, after] = neighbours(told, point);
  return el('div', { class: 'walk' },
    link(addressOf(lastAsked), '← experiments'),
    el('span', { class: 'walk-steps' },
      before ? stepLink(before, 'before', '↑') : null,
      after ? stepLink(after, 'after', '↓') : null,
      el('label', { class: 'choose' }, chooser(point), 'compare')));
}

function stepLink(point, key, arrow) {
  return el('a', { href: hrefOfPoint(point), 'data-key': key }, `${arrow} ${point.short}`);
}

function neighbours(told, point) {
  const order = listed.includes(point) ? listed : [...told.points].reverse();
  const at = order.indexOf(point);
  return [order[at - 1], order[at + 1]];
}

// The estimate of a confirmation takes the place of the one that was confirmed.
function mainLine(point, detail) {
  const { confirmation, verdict } = detail ?? {};
  if (confirmation && isNumber(confirmation.estimate)) {
    const word = confirmation.confirmed ? 'confirmed' : 'not confirmed';
    const promoted = point.promoted ? `, ${point.became} to ${point.tag ?? 'baseline'}` : '';
    const rests = `${confirmation.n} of ${confirmation.pairs} fresh pairs`;
    return `${word}${promoted}: ${point.metric} ${differenceText(confirmation)}, ${rests}`;
  }
  if (verdict) return clean(arrows(headlineOf(verdict)));
  return `${verdictWords(point)}: ${pointHeadline(point)}`;
}

function arrows(text) {
  return text.split(' -> ').join(' → ');
}

function reasons(detail) {
  const { verdict, confirmation } = detail;
  const lines = [
    confirmation && verdict ? `before the confirmation: ${arrows(headlineOf(verdict))}` : '',
    ...(verdict?.reasons ?? []), verdict ? forNewExamples(verdict) : '',
  ].filter(Boolean);
  return lines.length ? el('ul', { class: 'reasons' }, lines.map((line) => el('li', {}, line))) : null;
}

function factsOf(point, detail) {
  return facts([
    ['experiment', point.id],
    ['started', dateText(point.started, true)],
    ['by', point.author],
    ['became', point.tag ?? (point.became || null)],
    ['cost', costText(point)],
    ['null control', detail && controlText(detail.null_control)],
    ['result', detail?.commit && el('code', {}, detail.commit)],
    ['tested tree', detail?.tree && el('code', {}, detail.tree)],
  ]);
}

function costText(point) {
  const time = point.seconds ? `, ${duration(point.seconds)}` : '';
  return point.runs ? `${plural(point.runs, 'run')}${time}` : '';
}

// Reruns of the baseline with the same seed that gave other numbers.
function controlText([differ, reruns]) {
  return reruns ? `${differ} of ${reruns} differ` : '';
}
