// Two experiments beside each other: what was changed, what came of it, what it cost.

async function compareView(told, ids) {
  const points = ids.slice(0, 2).map((id) => told.byId.get(id) ?? told.points.find((one) => id && one.id.startsWith(id)));
  if (points.length < 2 || points.some((point) => !point)) return compareBeginning(told, points.filter(Boolean));
  const details = await Promise.all(points.map(detailOf));
  return el('div', {},
    el('h1', { tabindex: -1 }, `${clean(points[0].short)} beside ${clean(points[1].short)}`),
    warnings(points, told),
    section('Differences from their baselines', differencesTable(points, told)),
    section('What they are', besideTable(points, details)),
    details.some((detail) => detail?.verdict?.guards?.length) ? section('Guards', guardsBeside(points, details)) : null,
    el('p', {}, el('a', { href: hrefOf(['compare', points[1].id, points[0].id]) }, 'the other way round')));
}

// Private functions

function compareBeginning(told, known) {
  if (told.points.length < 2) return missing('There are no two experiments to compare yet.');
  const inputs = [0, 1].map((at) => el('input', { type: 'text', value: known[at]?.short ?? '', spellcheck: 'false', autocomplete: 'off', keydown: (event) => { if (event.key === 'Enter') go(); } }));
  const said = el('p', { role: 'status' });
  const go = () => {
    const found = inputs.map((input) => told.points.find((point) => input.value.trim() && point.id.startsWith(input.value.trim())));
    if (found.every(Boolean)) location.hash = hrefOfPair(...found);
    else said.textContent = 'No experiment has an id that begins so.';
  };
  return el('div', {}, el('h1', { tabindex: -1 }, 'Compare two experiments'),
    el('p', {}, 'Choose two in the ', el('a', { href: hrefOfList({}) }, 'list of experiments'), ', or give their ids.'),
    el('div', { class: 'filters' }, inputs.map((input, at) => el('label', {}, el('span', {}, at ? 'and' : 'id'), input)),
      el('button', { type: 'button', click: go }, 'Compare')), said);
}

function warnings([one, other], told) {
  const notes = [];
  if (one.metric !== other.metric) notes.push('They were judged by different metrics: their differences have different units.');
  if (one.against !== other.against) {
    notes.push('They were held against different baselines: a difference from one is not a difference from the other.');
    const steps = [one, other].map((point) => told.steps[point.step ?? -1]);
    if (steps.every(Boolean) && areOtherRulers(...steps)) notes.push('The ruler changed between them: their values are not comparable.');
  }
  return notes.map((note) => el('p', { class: 'warning' }, note));
}

function differencesTable(points, told) {
  const rows = points.map((point) => ({ ...point, name: pointLink(point), last: verdictTag(point) }));
  return intervalTable('Candidate minus baseline, on one axis', 'experiment', rows, { higherIsBetter: told.higher_is_better, effect: told.effect, width: 320 });
}

function besideTable(points, details) {
  const row = (name, valueOf) => [el('strong', {}, name), ...points.map((point, at) => valueOf(point, details[at]) ?? '')];
  const rows = [
    row('change', (point, detail) => el('ul', { class: 'changes' }, (detail?.changes ?? [{ kind: point.kinds.join(', '), summary: point.summary }]).map(changeItem))),
    row('hypothesis', (point) => point.hypothesis),
    row('verdict', (point, detail) => (detail?.verdict ? arrows(headlineOf(detail.verdict)) : verdictWords(point))),
    row('confirmation', (_, detail) => (detail?.confirmation ? `${detail.confirmation.confirmed ? 'confirmed' : 'not confirmed'}: ${differenceText(detail.confirmation)}` : '')),
    row('because', (_, detail) => detail?.verdict?.reasons?.[0]),
    row('against', (point) => point.against),
    row('became', (point) => point.tag ?? point.became),
    row('cost', costText),
    row('by', (point) => nameOf(point.author)),
    row('started', (point) => dateText(point.started, true)),
  ].filter(([, ...values]) => values.some(Boolean));
  return tableOf('Side by side', [{ text: 'what', unseen: true }, ...points.map((point) => ({ text: pointLink(point) }))], rows, { class: 'beside' });
}

function guardsBeside(points, details) {
  const names = [...new Set(details.flatMap((detail) => (detail?.verdict?.guards ?? []).map((guard) => guard.metric)))];
  const cell = (detail, name) => {
    const guard = detail?.verdict?.guards.find((one) => one.metric === name);
    return guard ? [guard.hold, differenceText(guard)].filter(Boolean).join(' ') : '';
  };
  return tableOf('Guards', ['guard', ...points.map((point) => ({ text: pointLink(point) }))], names.map((name) => [name, ...details.map((detail) => cell(detail, name))]));
}
