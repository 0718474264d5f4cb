// Where everything of the staircase is, before it is drawn.

const LABELS = 64;

// Pixels of steps and points in a picture of a size, over time or in the order of the experiments.
function layOut(told, { width, height, byOrder, isSmall }) {
  const box = {
    left: isSmall ? 8 : Math.min(LABELS, width / 5), right: width - (isSmall ? 8 : 14),
    top: isSmall ? 6 : 30, bottom: height - (isSmall ? 8 : 30),
  };
  const rug = isSmall ? 10 : 22;
  const values = drawnValues(told);
  const [low, high] = range(told.steps, values);
  const y = linear(low, high, box.bottom - rug - (isSmall ? 4 : 10), box.top);
  const time = byOrder ? orderScale(told, box) : timeScale(told, box);
  const places = told.points.map((point) => placeOf(point, time.point(point), y, box, rug));
  return { box, rug, low, high, y, time, places, values,
    steps: told.steps.map((step, at) => segment(told.steps, at, time, y, box)) };
}

// Private functions

function drawnValues(told) {
  return told.points.map((point) => point.level).filter(isNumber);
}

// The values that are drawn: all steps with their bands, and the points but for those that are so far
// out that the others could not be told apart.
function range(steps, values) {
  const bands = steps.flatMap(({ mean, low, high }) => [mean, low, high]).filter(isNumber);
  const inner = [...bands, ...withoutOutliers(values)];
  if (!inner.length) return [0, 1];
  let [low, high] = [inner[0], inner[0]];
  for (const value of inner) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const margin = (high - low || Math.abs(high) * 0.02 || 1) * 0.06;
  return [low - margin, high + margin];
}

// Tukey's far fences.
function withoutOutliers(values) {
  if (values.length < 8) return values;
  const ranked = Float64Array.from(values).sort();
  const quartile = (part) => ranked[Math.floor(part * (ranked.length - 1))];
  const [first, third] = [quartile(0.25), quartile(0.75)];
  const fence = 3 * (third - first) || Infinity;
  return values.filter((value) => value >= first - fence && value <= third + fence);
}

function timeScale(told, box) {
  const times = [...told.steps.map((step) => step.ms), ...told.points.map((point) => point.ms)]
    .filter((ms) => !Number.isNaN(ms));
  let [low, high] = [Infinity, -Infinity];
  for (const ms of times) {
    low = Math.min(low, ms);
    high = Math.max(high, ms);
  }
  if (!times.length) [low, high] = [0, DAY];
  if (low === high) [low, high] = [low - DAY / 2, high + DAY / 2];
  const x = linear(low, high + (high - low) * 0.03, box.left + 8, box.right);
  return {
    point: (point) => x(point.ms),
    step: (step) => (Number.isNaN(step.ms) ? box.left : x(step.ms)),
    ticks: (count) => timeTicks(low, high, count).map(({ at, label }) => ({ x: x(at), label })),
  };
}

// One experiment beside the other. A step begins between the last before and the first after it.
function orderScale(told, box) {
  const count = told.points.length;
  const x = linear(-0.5, Math.max(count - 0.5, 0.5), box.left + 8, box.right);
  const begun = (ms) => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (told.points[middle].ms < ms) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    point: (point) => x(point.at),
    step: (step) => x(begun(step.ms) - 0.5),
    ticks: (most) => roundTicks(1, Math.max(count, 1), most).ticks.filter(Number.isInteger)
      .map((at) => ({ x: x(at - 1), label: String(at) })),
  };
}

// A point without a number stands in the row at the bottom; one beyond the axis, at its edge.
function placeOf(point, x, y, box, rug) {
  if (!isNumber(point.level)) return { point, x, y: box.bottom - rug / 2, isRug: true };
  const at = y(point.level);
  const [top, floor] = [box.top, box.bottom - rug - 4];
  const within = Math.min(Math.max(at, top), floor);
  return { point, x, y: within, isBeyond: Math.abs(at - within) > 0.5 };
}

function segment(steps, at, time, y, box) {
  const [step, next] = [steps[at], steps[at + 1]];
  const x = time.step(step);
  const until = next ? Math.max(time.step(next), x) : box.right;
  const drawn = (value) => (isNumber(value) ? y(value) : null);
  return { step, x, until, y: drawn(step.mean), low: drawn(step.low), high: drawn(step.high),
    isOtherRuler: at > 0 && areOtherRulers(steps[at - 1], step) };
}

function areOtherRulers(one, other) {
  return Boolean(one.ruler && other.ruler && one.ruler !== other.ruler);
}
