// The staircase: each baseline a step with its interval as a band, every experiment a point by its
// verdict. Points of one verdict are one path, so that ten thousand are drawn at once.

const MOST_WHISKERS = 150;

// Points from which on they hide what is below them.
const MANY = 1500;

// The drawing in a frame that follows the width of the window.
//   shown: a set of points; the others are pale. All, where it is null.
//   isSmall: without axes and labels, as beside a table.
function staircase(told, { byOrder = false, isSmall = false, shown = null }) {
  const card = el('div', { class: 'card', hidden: true });
  const plot = el('div', { class: 'plot' });
  const frame = el('div', { class: isSmall ? 'stairs small' : 'stairs' }, plot, card);
  const state = { told, byOrder, isSmall, shown, plot, card, chosen: -1 };
  const draw = () => drawInto(state);
  new ResizeObserver(draw).observe(frame);
  if (told.points.length) listen(state);
  return frame;
}

function drawInto(state) {
  const width = widthOf(state.plot, 720);
  if (width === state.width) return;
  state.width = width;
  const height = state.isSmall ? 110 : Math.round(Math.min(420, Math.max(280, width * 0.42)));
  state.layout = layOut(state.told, { ...state, width, height });
  state.over = svg('g', { class: 'over' });
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
    state.isSmall ? null : [valueAxis(state), otherAxis(state)], rugLine(state.layout),
    stepsDrawn(state), pointsDrawn(state), linesAbove(state), state.isSmall ? null : stepLabels(state), state.over);
  state.plot.replaceChildren(picture);
}

// Axes

function valueAxis({ layout: { box, low, high, y, rug }, told }) {
  const { ticks, digits } = roundTicks(low, high, 6);
  const direction = told.higher_is_better ? '↑ higher is better' : '↓ lower is better';
  return svg('g', { class: 'axis' },
    ticks.filter((tick) => y(tick) < box.bottom - rug - 4).map((tick) => [
      svg('line', { class: 'grid', x1: box.left, x2: box.right, y1: y(tick), y2: y(tick) }),
      svg('text', { x: box.left - 8, y: y(tick) + 4, 'text-anchor': 'end' }, tickText(tick, digits))]),
    svg('text', { class: 'axis-name', x: 0, y: 12 }, `${shortened(told.metric ?? '', 40)} ${direction}`.trim()));
}

function otherAxis({ layout: { box, time }, byOrder }) {
  const room = box.right - box.left;
  const most = Math.max(2, Math.floor(room / (room < 500 ? 75 : 110)));
  return svg('g', { class: 'axis' },
    svg('line', { class: 'base', x1: box.left, x2: box.right, y1: box.bottom, y2: box.bottom }),
    time.ticks(most).map(({ x, label }) => [
      svg('line', { class: 'base', x1: x, x2: x, y1: box.bottom, y2: box.bottom + 4 }),
      svg('text', { x, y: box.bottom + 18, 'text-anchor': x > box.right - 20 ? 'end' : 'middle' },
        label)]),
    byOrder ? svg('text', { x: box.left - 8, y: box.bottom + 18, 'text-anchor': 'end' }, 'no.') : null);
}

function rugLine({ box, rug, places }) {
  if (!places.some((place) => place.isRug)) return null;
  const y = box.bottom - rug;
  return svg('g', { class: 'axis' },
    svg('line', { class: 'grid', x1: box.left, x2: box.right, y1: y, y2: y }),
    box.left > 40 ? svg('text', { x: box.left - 8, y: y + rug / 2 + 4, 'text-anchor': 'end' }, 'no value') : null);
}

// Steps

function stepsDrawn({ layout: { steps, box, places } }) {
  return svg('g', { class: 'steps' }, steps.map((one, at) => [
    one.low === null || one.high === null ? null : svg('rect', { class: 'band', x: one.x,
      y: Math.min(one.low, one.high), width: Math.max(one.until - one.x, 1),
      height: Math.max(Math.abs(one.low - one.high), 1) }),
    one.isOtherRuler ? svg('line', { class: 'ruler', x1: one.x, x2: one.x, y1: box.top, y2: box.bottom }) : null,
    riser(steps[at - 1], one), cameFrom(one, places),
    one.y === null ? null : svg('line', { class: stepClass(one),
      x1: one.x, x2: one.until, y1: one.y, y2: one.y })]));
}

function stepClass({ step }) {
  return step.provisional === null ? 'step' : 'step unconfirmed';
}

// From the experiment to the baseline that it became, which was later.
function cameFrom({ step, x, y }, places) {
  const from = step.experiment && places.find((place) => place.point.id === step.experiment);
  if (!from || from.isRug || y === null) return null;
  return svg('line', { class: 'came', x1: tenth(from.x), y1: tenth(from.y), x2: x, y2: y });
}

// Many points hide the steps, which are drawn once more above them.
function linesAbove({ layout: { steps, places } }) {
  if (places.length <= MANY) return null;
  return svg('g', {}, steps.filter((one) => one.y !== null).map((one) => ['halo', stepClass(one)].map((name) =>
    svg('line', { class: name, x1: one.x, x2: one.until, y1: one.y, y2: one.y }))));
}

function riser(before, one) {
  if (!before || before.y === null || one.y === null || one.isOtherRuler) return null;
  return svg('line', { class: 'riser', x1: one.x, x2: one.x, y1: before.y, y2: one.y });
}

// The name and the level of each step that has room for them; the last has, whatever comes of others.
// Above its band or below, wherever fewer points are.
function stepLabels({ layout: { steps, box, places, rug } }) {
  const taken = [];
  const labels = [];
  for (const [at, one] of [...steps.entries()].reverse()) {
    if (one.y === null) continue;
    const text = `${shortened(one.step.name, 24)} ${measured(one.step.mean, stepDigits(one.step))}`;
    const width = text.length * 6.6;
    const isLast = at === steps.length - 1;
    const x = Math.max(box.left, Math.min(one.x + 4, box.right - width));
    const ends = [one.y, one.low ?? one.y, one.high ?? one.y];
    const [above, below] = [Math.min(...ends) - 6, Math.max(...ends) + 15];
    const hidden = (at) => places.filter((point) => Math.abs(point.y - at + 4) < 14
      && point.x > x - 8 && point.x < x + width + 8).length;
    const isBelow = below < box.bottom - rug - 4 && hidden(below) < hidden(above);
    const place = { x, y: isBelow ? below : above, width };
    if (!isLast && (taken.some((other) => collide(place, other)) || one.until - one.x < 24)) continue;
    taken.push(place);
    labels.push(svg('text', { class: 'step-name', x, y: place.y }, text));
  }
  return svg('g', {}, labels);
}

function collide(one, other) {
  return Math.abs(one.y - other.y) < 14 && one.x < other.x + other.width && other.x < one.x + one.width;
}

// Points

function pointsDrawn({ layout, shown, isSmall }) {
  const { places } = layout;
  const many = places.length > MANY;
  const r = isSmall || many ? 2.6 : 4.2;
  const paths = new Map();
  for (const { point, x, y: at } of places) {
    const key = shown && !shown.has(point) ? 'pale' : point.mark;
    if (!paths.has(key)) paths.set(key, []);
    paths.get(key).push(shape(point.mark, x, at, r));
    if (point.promoted && key !== 'pale') rings(paths).push(circle(tenth(x), tenth(at), r + 3));
  }
  const drawn = ['pale', 'no-difference', 'undecided', 'not-comparable', 'open', 'failed', 'worse',
    'improved', 'ring'].filter((key) => paths.has(key));
  const few = !isSmall && places.length <= MOST_WHISKERS;
  return svg('g', { class: many ? 'points many' : 'points' },
    few ? places.map((place) => whiskerOf(place, layout)) : null,
    drawn.map((key) => svg('path', { class: `mark ${key}`, d: paths.get(key).join('') })));
}

function rings(paths) {
  if (!paths.has('ring')) paths.set('ring', []);
  return paths.get('ring');
}

function whiskerOf({ point, x, isRug, isBeyond }, { y, box, rug }) {
  if (isRug || isBeyond || !isNumber(point.levelLow) || !isNumber(point.levelHigh)) return null;
  const within = (value) => tenth(Math.min(Math.max(y(value), box.top - 8), box.bottom - rug));
  return svg('line', { class: `whisker ${point.mark}`, x1: tenth(x), x2: tenth(x),
    y1: within(point.levelLow), y2: within(point.levelHigh) });
}
