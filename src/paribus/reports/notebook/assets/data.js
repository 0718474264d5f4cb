// What was recorded, inflated from the inert blocks of the file: the overview at once, a block of
// details when an experiment of it is opened.

async function inflated(node) {
  const text = atob(node.textContent.trim());
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate'));
  return JSON.parse(await new Response(stream).text());
}

// The overview with a row for each experiment.
async function readNotebook() {
  const told = await inflated(document.getElementById('overview'));
  told.steps.forEach((step, at) => Object.assign(step, { at, ms: milliseconds(step.given) }));
  told.points = rows(told.points);
  let before = told.steps[0]?.ms || 0;
  told.points.forEach((point, at) => {
    derive(point, at, told);
    // Where a clock tells nothing, the place among the others does.
    if (Number.isNaN(point.ms)) point.ms = before;
    before = point.ms;
  });
  return told;
}

function rows(columns) {
  const names = Object.keys(columns);
  return columns.id.map((_, at) => {
    const row = {};
    for (const name of names) row[name] = columns[name][at];
    return row;
  });
}

function derive(point, at, told) {
  point.at = at;
  point.block = told.block[at];
  point.ms = milliseconds(point.started);
  point.mark = markOf(point);
  point.promoted = point.became.startsWith('promoted');
  Object.assign(point, levels(point, told));
}

// Where an experiment stands beside the steps: its baseline's level plus the paired difference, since
// the few seeds of its pairs say more of the difference than of the level.
function levels(point, told) {
  if (point.metric && told.metric && point.metric !== told.metric) return { level: null };
  const step = told.steps[point.step ?? -1];
  if (step && isNumber(step.mean) && isNumber(point.estimate)) {
    const beyond = (end) => (isNumber(end) ? step.mean + end : null);
    const level = step.mean + point.estimate;
    return { level, levelLow: beyond(point.low), levelHigh: beyond(point.high) };
  }
  return { level: isNumber(point.mean) ? point.mean : null };
}

const blocksRead = new Map();

// An experiment's details; null where the file has none of it.
async function detailOf(point) {
  if (!isNumber(point.block)) return null;
  if (!blocksRead.has(point.block)) {
    blocksRead.set(point.block, inflated(document.querySelectorAll('script.details')[point.block]));
  }
  const details = await blocksRead.get(point.block);
  const found = details.find((one) => one.id === point.id);
  return found ? { ...found, pairs: pairRows(found.pairs), fresh: pairRows(found.fresh) } : null;
}

function pairRows(columns) {
  return columns.pair.map((pair, at) => ({
    pair,
    baseline: columns.baseline[at],
    candidate: columns.candidate[at],
    difference: columns.candidate[at] - columns.baseline[at],
    run: columns.run[at],
    beside: columns.beside[at],
    seeds: Object.entries(columns.seeds).map(([name, values]) => [name, values[at]]),
  }));
}
