// The pairs of an experiment: each a line from baseline to candidate with the same seeds, and below
// them the differences on an axis of their own, with their mean and its interval.

const MOST_PAIRS = 200;

function pairsSection(title, every, verdict, told) {
  const pairs = every.filter((pair) => isNumber(pair.baseline) && isNumber(pair.candidate));
  if (!pairs.length) return null;
  const higher = told.higher_is_better;
  const frame = el('div', { class: 'plot' });
  const draw = () => {
    const width = Math.min(widthOf(frame, 640), 860);
    if (frame.dataset.width === String(width)) return;
    frame.dataset.width = width;
    frame.replaceChildren(pairsDrawn(pairs.slice(0, MOST_PAIRS), verdict, width, higher, told));
  };
  new ResizeObserver(draw).observe(frame);
  return section(title,
    el('p', {}, pairsWords(pairs, verdict, higher)),
    el('ul', { class: 'legend' }, el('li', {}, dotIcon('before'), 'baseline'),
      el('li', {}, dotIcon('better'), 'candidate, better'),
      el('li', {}, dotIcon('worse'), 'candidate, worse')),
    frame,
    pairs.length > MOST_PAIRS ? note(`The first ${MOST_PAIRS} of ${pairs.length} pairs are drawn.`) : null,
    disclosure('The pairs as a table', pairsTable(pairs, verdict)));
}

// Private functions

function pairsWords(pairs, verdict, higher) {
  const gains = pairs.map((pair) => pair.difference * (higher ? 1 : -1));
  const count = (test) => gains.filter(test).length;
  const better = plural(count((gain) => gain > 0), 'pair');
  const told = `${better} better, ${count((gain) => gain === 0)} equal, ${count((gain) => gain < 0)} worse.`;
  const found = verdict ? differenceText(verdict) : '';
  return found ? `${told} Mean difference ${found}.` : told;
}

function dotIcon(kind) {
  return smallPicture(16, pairDot(8, 8, kind));
}

// Hollow before; after, a triangle that points to where it is better or worse.
function pairDot(x, y, kind) {
  const marks = { before: 'no-difference', better: 'improved', worse: 'worse', equal: 'no-difference' };
  return svg('path', { class: `mark ${marks[kind]}`, d: shape(marks[kind], x, y, 4.5) });
}

function sideOf(difference, higher) {
  if (difference === 0) return 'equal';
  return difference > 0 === higher ? 'better' : 'worse';
}

function pairsDrawn(pairs, verdict, width, higher, told) {
  const row = pairs.length > 30 ? 12 : 20;
  const box = { left: 56, right: width - 12, top: 26 };
  box.bottom = box.top + row * pairs.length;
  const height = box.bottom + 150;
  const words = pairsWords(pairs, verdict, higher);
  const metric = shortened(verdict?.metric ?? told.metric ?? '', 40);
  return svg('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: 'img', 'aria-label': words },
    svg('text', { class: 'axis-name', x: box.left, y: 12 }, `${metric} of each side`),
    dumbbells(pairs, box, row, higher),
    differences(pairs, verdict, { ...box, top: box.bottom + 70 }, higher, told));
}

function dumbbells(pairs, box, row, higher) {
  const values = pairs.flatMap((pair) => [pair.baseline, pair.candidate]);
  const { x, ticks, digits } = axisOf(values, box, 6);
  return svg('g', {}, gridOf(x, ticks, digits, box),
    pairs.map((pair, at) => {
      const y = box.top + row * (at + 0.5);
      const side = sideOf(pair.difference, higher);
      const isTold = row > 14 || at % 5 === 0;
      return svg('g', { class: 'pair' },
        isTold ? svg('text', { x: box.left - 10, y: y + 4, 'text-anchor': 'end' }, `pair ${pair.pair}`) : null,
        svg('line', { class: `link ${side}`, x1: tenth(x(pair.baseline)), x2: tenth(x(pair.candidate)), y1: y, y2: y }),
        pairDot(x(pair.baseline), y, 'before'), pairDot(x(pair.candidate), y, side));
    }));
}

// The differences side by side, higher where others are as large, and their mean with its interval.
function differences(pairs, verdict, box, higher, told) {
  const isFound = verdict && isNumber(verdict.estimate);
  const found = isFound ? [verdict.estimate, verdict.low, verdict.high].filter(isNumber) : [];
  const floor = { ...box, bottom: box.top + 56 };
  const { x, ticks, digits } = axisOf([0, ...pairs.map((pair) => pair.difference), ...found], floor, 6);
  const [left, right] = ends(higher);
  const effect = told.effect ?? 0;
  const clip = (value) => Math.min(Math.max(x(value), floor.left), floor.right);
  return svg('g', {},
    svg('text', { class: 'axis-name', x: floor.left, y: floor.top - 14 }, `difference   ← ${left} | ${right} →`),
    effect ? svg('rect', { class: 'trifle', x: clip(-effect), y: floor.top,
      width: clip(effect) - clip(-effect), height: floor.bottom - floor.top }) : null,
    gridOf(x, ticks, digits, floor, true),
    svg('line', { class: 'zero', x1: x(0), x2: x(0), y1: floor.top, y2: floor.bottom }),
    heaped(pairs.map((pair) => ({ x: x(pair.difference), side: sideOf(pair.difference, higher) })), floor.top + 34),
    isFound ? meanDrawn(verdict, x, floor.bottom - 8) : null);
}

function heaped(dots, y) {
  const placed = [];
  return [...dots].sort((a, b) => a.x - b.x).map(({ x, side }) => {
    let level = 0;
    while (placed.some((other) => other.level === level && Math.abs(other.x - x) < 8)) level += 1;
    placed.push({ x, level });
    return pairDot(x, y - Math.min(level, 3) * 9, side);
  });
}

function meanDrawn(verdict, x, y) {
  const known = isNumber(verdict.low) && isNumber(verdict.high);
  const [low, high] = [tenth(x(verdict.low)), tenth(x(verdict.high))];
  return svg('g', {},
    known ? svg('path', { class: 'mean', d: `M${low},${y - 5}v10M${low},${y}H${high}m0,-5v10` }) : null,
    svg('path', { class: 'mean-dot', d: shape('undecided', x(verdict.estimate), y, 5) }));
}

function axisOf(values, box, count) {
  let [low, high] = [Math.min(...values), Math.max(...values)];
  const margin = (high - low || Math.abs(high) * 0.02 || 1) * 0.08;
  [low, high] = [low - margin, high + margin];
  const most = Math.min(count, Math.max(2, Math.floor((box.right - box.left) / 80)));
  return { x: linear(low, high, box.left, box.right), ...roundTicks(low, high, most) };
}

function gridOf(x, ticks, digits, box, sign = false) {
  return svg('g', { class: 'axis' }, ticks.map((tick) => [
    svg('line', { class: 'grid', x1: tenth(x(tick)), x2: tenth(x(tick)), y1: box.top, y2: box.bottom }),
    svg('text', { x: tenth(x(tick)), y: box.bottom + 16, 'text-anchor': 'middle' },
      sign ? number(tick, Math.min(digits, 12), tick !== 0) : tickText(tick, digits))]));
}

function pairsTable(pairs, verdict) {
  const digits = Math.min((verdict ? digitsOf(verdict) : 3) + 1, 6);
  const seeds = pairs[0].seeds.map(([name]) => name);
  const heads = [right('pair'), ...seeds.map(right), right('baseline'),
    right('candidate'), right('difference'), 'run', 'beside'];
  const body = pairs.map((pair) => [pair.pair, ...pair.seeds.map(([, value]) => value ?? ''),
    number(pair.baseline, digits), number(pair.candidate, digits), number(pair.difference, digits, true),
    el('code', {}, pair.run), el('code', {}, pair.beside)]);
  return tableOf('Pairs of runs with the same seeds', heads, body);
}
