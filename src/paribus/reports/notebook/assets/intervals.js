// Intervals of differences, all of one table on one axis with zero in its middle.

const AXIS = { width: 150, height: 20 };

// The largest distance from zero that is drawn. Of many, the few widest leave the axis, so that the
// others can be told apart.
function reach(all, share = 1) {
  const distances = all.flatMap(({ estimate, low, high }) => [estimate, low, high])
    .filter(isNumber).map(Math.abs).sort((a, b) => a - b);
  if (!distances.length) return 1;
  return distances[Math.min(distances.length - 1, Math.floor(share * distances.length))] || 1;
}

// One interval; `effect` shades the differences that do not matter.
function intervalDrawn(told, scale, { mark = 'open', effect = null, flip = false, width = AXIS.width } = {}) {
  if (!isNumber(told.estimate)) return null;
  const { height } = AXIS;
  const sign = flip ? -1 : 1;
  const x = linear(-scale, scale, 8, width - 8);
  const at = (value) => Math.min(Math.max(x(sign * value), 3), width - 3);
  const middle = height / 2;
  return svg('svg', { class: 'interval', viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true' },
    effect ? svg('rect', { class: 'trifle', x: at(-effect * sign), y: 0,
      width: Math.abs(at(effect * sign) - at(-effect * sign)), height }) : null,
    svg('line', { class: 'zero', x1: x(0), x2: x(0), y1: 0, y2: height }),
    whisker(told, at, middle, mark),
    svg('path', { class: `mark ${mark}`, d: shape(mark, at(told.estimate), middle, 4) }));
}

function whisker(told, at, middle, mark) {
  if (!isNumber(told.low) || !isNumber(told.high)) return null;
  const [low, high] = [at(told.low), at(told.high)].sort((a, b) => a - b);
  return svg('path', { class: `whisker ${mark}`,
    d: `M${tenth(low)},${middle - 4}v8M${tenth(low)},${middle}H${tenth(high)}m0,-4v8` });
}

// The heading of drawn intervals.
function axisHead(higherIsBetter) {
  const [left, right] = ends(higherIsBetter);
  return el('span', { class: 'axis-head' }, el('span', {}, `← ${left}`), el('span', {}, `${right} →`));
}

// A row for each: what it is, its difference, its drawing, and what else is told of it.
// `higherIsBetter` says which end of the axis is which.
function intervalTable(caption, firstHead, all, { higherIsBetter, effect = null, lastHead = 'verdict', width }) {
  const scale = reach(all);
  const heads = [firstHead, right('difference and interval'),
    { text: axisHead(higherIsBetter) }, lastHead];
  const body = all.map((row) => [row.name, differenceText(row),
    intervalDrawn(row, row.scale ?? scale, { mark: row.mark, effect, flip: row.flip, width }), row.last]);
  return tableOf(caption, heads, body, { class: 'intervals' });
}
