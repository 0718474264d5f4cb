// Pointing at an experiment of the staircase, or going from one to the next by keys; a card tells of it.

const NEAR = 18;

function listen(state) {
  const { plot } = state;
  plot.addEventListener('pointermove', (event) => choose(state, nearest(state, event)));
  plot.addEventListener('pointerleave', () => choose(state, -1));
  plot.addEventListener('click', (event) => open(state, nearest(state, event)));
  if (!state.isSmall) listenToKeys(state);
}

function listenToKeys(state) {
  const { plot } = state;
  plot.setAttribute('tabindex', '0');
  plot.setAttribute('role', 'application');
  plot.setAttribute('aria-roledescription', 'chart');
  plot.setAttribute('aria-label',
    'Experiments, one point each. The arrow keys go from one to the next, Enter opens it.');
  plot.addEventListener('blur', () => choose(state, -1));
  plot.addEventListener('keydown', (event) => chosenByKey(state, event));
}

function nearest({ layout, plot, width, shown }, event) {
  const edge = plot.getBoundingClientRect();
  const ratio = width / edge.width;
  const [x, y] = [(event.clientX - edge.left) * ratio, (event.clientY - edge.top) * ratio];
  let [found, least] = [-1, NEAR ** 2];
  layout.places.forEach((place, at) => {
    const distance = (place.x - x) ** 2 + (place.y - y) ** 2;
    if (distance < least && (!shown || shown.has(place.point))) [found, least] = [at, distance];
  });
  return found;
}

function chosenByKey(state, event) {
  const moves = { ArrowRight: 1, ArrowLeft: -1, ArrowUp: 1, ArrowDown: -1 };
  const last = state.told.points.length - 1;
  const go = (at) => choose(state, Math.min(Math.max(at, 0), last), true);
  if (event.key === 'Enter') open(state, state.chosen);
  else if (event.key === 'Home') go(0);
  else if (event.key === 'End') go(last);
  else if (moves[event.key]) go(state.chosen < 0 ? last : state.chosen + moves[event.key]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function open(state, at) {
  if (at >= 0) location.hash = hrefOfPoint(state.told.points[at]);
}

function choose(state, at, isByKey = false) {
  if (at === state.chosen) return;
  state.chosen = at;
  state.over.replaceChildren();
  state.card.hidden = at < 0;
  state.plot.classList.toggle('pointing', at >= 0);
  if (at < 0) return;
  const place = state.layout.places[at];
  append(state.over, [whiskerOf(place, state.layout),
    svg('path', { class: 'chosen', d: circle(tenth(place.x), tenth(place.y), 8) })]);
  fillCard(state, place);
  if (isByKey) announce(`${place.point.short}, ${shortened(place.point.summary, 200)}: ${pointHeadline(place.point)}`);
}

function fillCard({ card, plot, width, layout }, { point, x, y, isBeyond }) {
  card.replaceChildren(
    el('div', { class: 'card-head' }, el('span', { class: 'id' }, point.short), verdictTag(point)),
    el('div', { class: 'card-change' }, shortened(point.summary, 200)),
    el('div', {}, pointHeadline(point)),
    isBeyond ? el('div', {}, 'beyond the axis') : null,
    el('div', { class: 'muted' }, `${dateText(point.started)}, against ${shortened(point.against, 60)}`));
  const ratio = plot.clientWidth / width;
  const left = Math.min(Math.max(x * ratio - card.offsetWidth / 2, 0), plot.clientWidth - card.offsetWidth);
  const above = y - 16 - card.offsetHeight;
  card.style.left = `${Math.max(left, 0)}px`;
  card.style.top = `${above > layout.box.top - 30 ? above : y + 16}px`;
}

// The difference of an experiment and what it rests on, in a line.
function pointHeadline(point) {
  if (!isNumber(point.estimate)) return point.n ? `${point.n} of ${point.attempted} pairs` : 'no difference is known';
  return `${shortened(point.metric, 60)} ${differenceText(point)}, ${point.n} of ${point.attempted} pairs`.trim();
}
