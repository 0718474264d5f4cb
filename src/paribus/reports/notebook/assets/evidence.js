// What a verdict rests on, section by section; what there is nothing of is left out.

function evidence(detail, point, told) {
  return [
    commandsSection(detail),
    failuresSection(detail),
    pairsSection('Pair by pair', detail.pairs, detail.verdict, told),
    el('div', { class: 'columns' }, looksSection(detail, told), guardsSection(detail)),
    confirmationSection(detail, told),
    pairsSection('The confirmation, pair by pair', detail.fresh, detail.confirmation, told),
    changeSection(detail, point),
    predictionsSection(detail),
    earlierSection(detail, told),
    declaredSection(detail),
    verificationsSection(detail),
    sessionsSection(detail),
    tailSection(detail),
  ];
}

// Private functions

function commandsSection({ commands }) {
  return commands.length ? section('In the terminal', commandList(commands)) : null;
}

function failuresSection({ ended }) {
  if (!ended.length) return null;
  return section(`${plural(ended.length, 'run')} that did not succeed`, ended.map(endedRun));
}

function endedRun(run) {
  const after = run.seconds ? ` after ${duration(run.seconds)}` : '';
  const words = ` pair ${run.pair}, ${clean(run.status).replace('-', ' ')}: ${clean(run.cause)}${after}`;
  return el('div', { class: 'ended' },
    el('p', {}, icon('failed'), words, el('code', { class: 'muted' }, ` ${run.run}`)),
    logTail(run.tail, `Last lines of run ${run.run}`));
}

function logTail(text, label) {
  return text ? reachable(el('pre', { role: 'group', 'aria-label': label }, block(text))) : null;
}

function looksSection({ looks }, told) {
  const seen = looks.filter((look) => isNumber(look.estimate));
  if (!seen.length) return null;
  const shaded = told.effect
    ? ` Shaded: differences smaller than ${effectText(told.effect)}, the effect of interest.` : '';
  const rows = seen.map((look) => ({ ...look, name: String(look.n), mark: markOf(look),
    last: OUTCOMES[look.outcome] ?? look.outcome }));
  return section('Look by look',
    note(`The interval is valid over all looks together, so that looking often finds nothing by luck.${shaded}`),
    intervalTable('The verdict at each look', right('pairs'), rows,
      { higherIsBetter: told.higher_is_better, effect: told.effect }));
}

// Guards have units and directions of their own: they are turned so that better is to the right, and
// share a scale unless one would vanish beside another.
function guardsSection({ verdict }) {
  const guards = verdict?.guards ?? [];
  if (!guards.length) return null;
  const reaches = guards.map((guard) => reach([guard]));
  const isOneScale = Math.max(...reaches) / Math.min(...reaches) <= 20;
  const marks = { holds: 'no-difference', broken: 'worse', open: 'undecided' };
  const rows = guards.map((guard, at) => ({ ...guard, name: guardName(guard), flip: !guard.higher_is_better,
    mark: marks[guard.hold] ?? 'open', scale: isOneScale ? Math.max(...reaches) : reaches[at],
    last: guardWords(guard) }));
  return section('Guards',
    isOneScale ? null : note('Each guard is drawn on a scale of its own: their units differ.'),
    intervalTable('Guards, better to the right', 'guard', rows, { higherIsBetter: true, lastHead: 'stands' }));
}

function guardName(guard) {
  return `${clean(guard.metric)} ${guard.higher_is_better ? '↑' : '↓'}`;
}

function guardWords(guard) {
  const told = guard.margin ? `${guard.hold}, margin ${effectText(guard.margin)}` : guard.hold;
  return isNumber(guard.estimate) ? told : `${told}: ${guard.reason ?? ''}`;
}

function confirmationSection({ confirmation, verdict }, told) {
  if (!confirmation) return null;
  const rows = [
    { ...verdict, name: 'before', mark: verdict && markOf(verdict), last: verdict && plural(verdict.n, 'pair') },
    { ...confirmation, name: 'fresh seeds', mark: confirmation.confirmed ? 'improved' : 'no-difference',
      last: `${confirmation.n} of ${confirmation.pairs} pairs` },
  ].filter((row) => isNumber(row.estimate));
  const words = confirmation.confirmed ? 'Confirmed' : 'Not confirmed';
  const level = isNumber(confirmation.level)
    ? ` A false one had a chance of ${effectText(100 * confirmation.level)} % at most.` : '';
  return section('Confirmation', el('p', {}, `${words}, with seeds to which nobody can have tuned.${level}`),
    rows.length ? intervalTable('What was found before, and what was confirmed', 'seeds', rows,
      { higherIsBetter: told.higher_is_better, effect: told.effect, lastHead: 'rests on' }) : null);
}

function predictionsSection({ predictions }) {
  if (!predictions) return null;
  if (predictions.why_not) return section('Single predictions', el('p', {}, predictions.why_not));
  const brokenIds = new Set(predictions.broken.map((one) => one.id));
  const still = predictions.wrong.filter((one) => !brokenIds.has(one.id));
  const stillCount = Math.max(predictions.wrong_count - predictions.broken_count, still.length);
  return section('Single predictions',
    el('p', {}, `${predictions.fixed_count} newly right, ${predictions.broken_count} newly wrong, `
      + `${stillCount} still wrong of ${plural(predictions.size, 'example')}, `
      + `by the runs of pair ${predictions.pair}.`),
    predictionsTable('Newly right', predictions.fixed, predictions.fixed_count),
    predictionsTable('Newly wrong', predictions.broken, predictions.broken_count),
    predictionsTable('Still wrong', still, stillCount));
}

function predictionsTable(title, all, count) {
  if (!all.length) return null;
  const told = all.length < count ? `${title}: ${all.length} of ${count}` : `${title}: ${count}`;
  return disclosure(told, tableOf(title, ['example', 'truth', 'baseline', 'candidate'],
    all.map((one) => [el('code', {}, one.id), one.label, one.before ?? '?', one.after ?? '?'])));
}

function earlierSection({ earlier, bundled }, told) {
  if (!earlier.length && !bundled.length) return null;
  const item = (words, one) => el('li', {}, words, ' ', experimentLink(told, one.experiment),
    `: ${OUTCOMES[one.outcome] ?? one.outcome ?? 'no verdict'}`,
    one.differs?.length ? el('span', { class: 'muted' }, ` (${one.differs.map(clean).join('; ')})`) : null);
  return section('Tried before', el('ul', {}, earlier.map((one) => item('as', one)),
    bundled.map((one) => item(`${clean(one.change)}, by itself, as`, one))));
}

// A link where the notebook has the experiment, and its id where it has not.
function experimentLink(told, id) {
  const point = told.byId.get(id);
  return point ? pointLink(point) : el('code', {}, String(id).slice(0, 8));
}

function declaredSection({ declared }) {
  if (!declared.length) return null;
  return section('Beside declared numbers', el('ul', {}, declared.map((one) => el('li', {}, declaredWords(one)))));
}

// No verdict follows from a number that somebody wrote down.
function declaredWords(one) {
  const found = differenceText(one) || 'no run has it';
  const bare = isNumber(one.estimate) && !isNumber(one.low) ? ', no interval' : '';
  return `${clean(one.metric)} ${one.value} (${clean(one.source)}): ${found}${bare}`;
}

function verificationsSection({ verifications }) {
  if (!verifications.length) return null;
  return section('Made again', el('ul', {}, verifications.map(([when, outcome]) =>
    el('li', {}, `${dateText(when, true)}: ${clean(outcome)}`))));
}

function sessionsSection({ sessions }) {
  if (!sessions.length) return null;
  return section('Environment', sessions.map((one) => el('div', {}, facts([
    ['host', one.host], ['system', one.system], ['Python', one.python],
    ['accelerators', (one.accelerators ?? []).join(', ')],
    ['packages', el('code', {}, one.packages ?? '')], ['session', el('code', {}, one.id ?? '')],
  ]), one.differs?.length ? differsTable(one.differs) : null)));
}

function differsTable(differs) {
  return tableOf('What differs from the first', ['what', 'first', 'here'],
    differs.map((each) => [each.what, each.old ?? '', each.new ?? '']));
}

const LAST = 'Last lines of the last run';

function tailSection({ tail, ended }) {
  const isTold = ended.some((run) => run.tail === tail);
  return tail && !isTold ? section(LAST, logTail(tail, LAST)) : null;
}
