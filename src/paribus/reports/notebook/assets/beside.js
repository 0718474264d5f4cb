// Two experiments beside each other: what was changed, what came of it, what it cost.

async function compareView(told, ids) {
  const points = ids.slice(0, 2).map((id) => begins(told, id)).filter(Boolean);
  if (points.length < 2) return compareBeginning(told, points);
  const details = await Promise.all(points.map(detailOf));
  const areGuarded = details.some((detail) => detail?.verdict?.guards?.length);
  return el('div', {},
    el('h1', { tabindex: -1 }, `${clean(points[0].short)} beside ${clean(points[1].short)}`),
    warnings(points, told).map((words) => el('p', { class: 'warning' }, words)),
    section('Differences from their baselines', differencesTable(points, told)),
    section('What they are', besideTable(points, details)),
    areGuarded ? section('Guards', guardsBeside(points, details)) : null,
    el('p', {}, link(hrefOfPair(points[1], points[0]), 'the other way round')));
}

// The experiment whose id begins so, as in the terminal.
function begins(told, id) {
  return told.byId.get(id) ?? told.points.find((one) => id && one.id.startsWith(id));
}

// Private functions

function compareBeginning(told, known) {
  if (told.points.length < 2) return missing('There are no two experiments to compare yet.');
  const said = el('p', { role: 'status' });
  const inputs = [0, 1].map((at) => el('input', { type: 'text', value: known[at]?.short ?? '',
    spellcheck: 'false', autocomplete: 'off', keydown: (event) => event.key === 'Enter' && go() }));
  const go = () => {
    const found = inputs.map((input) => begins(told, input.value.trim()));
    if (found.every(Boolean)) location.hash = hrefOfPair(...found);
    else said.textContent = 'No experiment has an id that begins so.';
  };
  return el('div', {}, el('h1', { tabindex: -1 }, 'Compare two experiments'),
    el('p', {}, 'Choose two in the ', link(hrefOfList({}), 'list of experiments'), ', or give their ids.'),
    el('div', { class: 'filters' },
      inputs.map((input, at) => el('label', {}, el('span', {}, at ? 'and' : 'id'), input)),
      el('button', { type: 'button', click: go }, 'Compare')),
    said);
}

// What stands between a difference of one and a difference of the other.
function warnings([one, other], told) {
  const steps = [one, other].map((point) => told.steps[point.step ?? -1]);
  const areOthers = steps.every(Boolean) && areOtherRulers(...steps);
  return [
    one.metric === other.metric ? ''
      : 'They were judged by different metrics: their differences have different units.',
    one.against === other.against ? ''
      : 'They were held against different baselines: a difference from one is not a difference from the other.',
    areOthers ? 'The ruler changed between them: their values are not comparable.' : '',
  ].filter(Boolean);
}

function differencesTable(points, told) {
  const rows = points.map((point) => ({ ...point, name: pointLink(point), last: verdictTag(point) }));
  return intervalTable('Candidate minus baseline, on one axis', 'experiment', rows,
    { higherIsBetter: told.higher_is_better, effect: told.effect, width: 320 });
}

function besideTable(points, details) {
  const row = (name, valueOf) =>
    [el('strong', {}, name), ...points.map((point, at) => valueOf(point, details[at]) ?? '')];
  const rows = [
    row('change', changesOf),
    row('hypothesis', (point) => point.hypothesis),
    row('verdict', (point, detail) =>
      (detail?.verdict ? arrows(headlineOf(detail.verdict)) : verdictWords(point))),
    row('confirmation', (_, detail) => confirmationWords(detail?.confirmation)),
    row('because', (_, detail) => detail?.verdict?.reasons?.[0]),
    row('against', (point) => point.against),
    row('became', (point) => point.tag ?? point.became),
    row('cost', costText),
    row('by', (point) => nameOf(point.author)),
    row('started', (point) => dateText(point.started, true)),
  ].filter(([, ...values]) => values.some(Boolean));
  return tableOf('Side by side', [{ text: 'what', unseen: true }, ...points.map(pointHead)], rows,
    { class: 'beside' });
}

function pointHead(point) {
  return { text: pointLink(point) };
}

function changesOf(point, detail) {
  const changes = detail?.changes ?? [{ kind: point.kinds.join(', '), summary: point.summary }];
  return el('ul', { class: 'changes' }, changes.map(changeItem));
}

function confirmationWords(confirmation) {
  if (!confirmation) return '';
  return `${confirmation.confirmed ? 'confirmed' : 'not confirmed'}: ${differenceText(confirmation)}`;
}

function guardsBeside(points, details) {
  const guardsOf = (detail) => detail?.verdict?.guards ?? [];
  const names = [...new Set(details.flatMap(guardsOf).map((guard) => guard.metric))];
  const cell = (detail, name) => {
    const guard = guardsOf(detail).find((one) => one.metric === name);
    return guard ? [guard.hold, differenceText(guard)].filter(Boolean).join(' ') : '';
  };
  return tableOf('Guards', ['guard', ...points.map(pointHead)],
    names.map((name) => [name, ...details.map((detail) => cell(detail, name))]));
}
