// The first view: the answer, the staircase, what to do next, and what did not work.

function overviewView(told, query) {
  const byOrder = query.get('x') === 'order';
  return el('div', {},
    el('h1', { tabindex: -1 }, told.title),
    el('p', { class: 'lead' }, told.counts),
    told.points.length || told.steps.length ? stairsSection(told, byOrder) : beginning(),
    el('div', { class: 'columns' }, nextSection(told), stallSection(told)),
    triedSection(told), noiseSection(told), leftOutSection(told));
}

// Private functions

function beginning() {
  return section('How it begins', el('p', {},
    'A baseline is measured, an experiment changes one thing and is held against it, seed by seed. '
    + 'Each of them becomes a point here, each new baseline a step.'));
}

function stairsSection(told, byOrder) {
  const choose = (x) => { location.hash = hrefOf([], { x: x === 'order' ? 'order' : '' }); };
  const ways = [['time', 'over time'], ['order', 'in order']];
  const axis = segmented('Axis', 'axis', ways, byOrder ? 'order' : 'time', choose);
  const title = told.points.length ? 'Every experiment' : 'The baseline';
  return el('section', { class: 'staircase' },
    el('div', { class: 'bar' }, el('h2', {}, title), told.points.length > 1 ? axis : null),
    legend(told), staircase(told, { byOrder }), stairsNote(told), stepsTable(told));
}

// What the shapes mean, with how many there are; each leads to its experiments.
function legend(told) {
  const counts = new Map(counted(told.points, (point) => [point.mark]));
  const shown = Object.keys(OUTCOMES).filter((mark) => counts.has(mark));
  const promoted = told.points.filter((point) => point.promoted).length;
  const item = (verdict, ...words) => el('li', {}, link(hrefOfList({ verdict }), ...words));
  return el('ul', { class: 'legend' },
    told.steps.length ? el('li', {}, stepIcon(), 'baseline, 95 % interval of its mean') : null,
    promoted ? item('promoted', ringIcon(), `promoted ${promoted}`) : null,
    shown.map((mark) => item(mark, icon(mark), `${OUTCOMES[mark]} ${counts.get(mark)}`)));
}

function stepIcon() {
  return smallPicture(22,
    svg('rect', { class: 'band', x: 0, y: 3, width: 22, height: 10 }),
    svg('line', { class: 'step', x1: 0, x2: 22, y1: 8, y2: 8 }));
}

function ringIcon() {
  return smallPicture(16,
    svg('path', { class: 'mark improved', d: shape('improved', 8, 8.5, 3.2) }),
    svg('path', { class: 'mark ring', d: circle(8, 8, 7) }));
}

function stairsNote(told) {
  const layout = layOut(told, { width: 800, height: 300, byOrder: true });
  const beyond = layout.places.filter((place) => place.isBeyond).length;
  const others = told.points.filter((point) => point.metric && told.metric && point.metric !== told.metric).length;
  const notes = [
    told.points.length ? 'A point stands at the mean of its baseline plus the difference that its pairs showed.' : '',
    beyond ? `${plural(beyond, 'point')} beyond the axis ${beyond === 1 ? 'stands' : 'stand'} at its edge.` : '',
    others ? `${plural(others, 'experiment')} of another metric ${others === 1 ? 'has' : 'have'} no value here.` : '',
    layout.steps.some((one) => one.isOtherRuler)
      ? 'Dotted: the ruler changed, and values before and after are not comparable.' : '',
    told.steps.some((step) => step.provisional !== null) ? 'A dashed step stands without a confirmation.' : '',
  ];
  return note(notes.filter(Boolean).join(' '));
}

function stepsTable(told) {
  if (!told.steps.length) return null;
  const byId = new Map(told.points.map((point) => [point.id, point]));
  const heads = ['baseline', 'since', right(told.metric ?? 'mean'), '95 % interval',
    right('runs'), 'from', 'confirmed'];
  const body = told.steps.map((step) => {
    const digits = stepDigits(step);
    const from = byId.get(step.experiment);
    const interval = isNumber(step.low) && isNumber(step.high)
      ? `[${number(step.low, digits)}, ${number(step.high, digits)}]` : '';
    return [step.name, dateText(step.given), measured(step.mean, digits), interval, step.n || '',
      from ? [pointLink(from), ' ', from.summary] : '',
      step.provisional === null ? '' : `no: ${step.provisional}`];
  });
  return disclosure('The steps as a table', tableOf('Baselines, the earliest first', heads, body));
}

function nextSection(told) {
  return told.next.length ? section('What to do next', commandList(told.next)) : null;
}

function stallSection(told) {
  return told.stall.length ? section('Has it stalled?', told.stall.map((line) => el('p', {}, line))) : null;
}

function leftOutSection(told) {
  const { unreadable, unregistered } = told;
  if (!unreadable.length && !unregistered) return null;
  return section('What is not shown',
    unregistered ? el('p', {}, `${plural(unregistered, 'experiment')} that DVC made without Paribus: `
      + 'no registration, no repeats, no verdict.') : null,
    unregistered ? commandList([['list them', 'paribus log --status unregistered']]) : null,
    unreadable.length ? [el('p', {}, `${plural(unreadable.length, 'record')} that this version cannot read:`),
      el('ul', { class: 'paths' }, unreadable.slice(0, 50).map((path) => el('li', {}, el('code', {}, path)))),
      unreadable.length > 50 ? el('p', {}, `and ${unreadable.length - 50} more`) : null] : null);
}
