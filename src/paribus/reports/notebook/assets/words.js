// The words of reports/verdict.py, so that page and terminal say the same.

const OUTCOMES = {
  improved: 'improved',
  worse: 'worse',
  'no-difference': 'no detectable difference',
  undecided: 'undecided',
  'not-comparable': 'not comparable',
  failed: 'failed',
  open: 'no verdict yet',
};

const KINDS = ['param', 'code', 'data', 'pipeline', 'environment', 'ruler'];

function plural(count, word) {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

// Which of the outcomes an experiment is drawn and counted as.
function markOf(point) {
  return Object.hasOwn(OUTCOMES, point.outcome ?? 'open') ? point.outcome ?? 'open' : 'open';
}

// What became of it: the verdict, and whether it was confirmed or promoted.
function verdictWords(point) {
  const word = point.mark === 'open' ? point.status || OUTCOMES.open : OUTCOMES[point.mark];
  return point.became ? `${word}, ${point.became}` : word;
}

// A verdict in one line.
function headlineOf(verdict) {
  const word = wordOf(verdict);
  const guards = guardsTold(brokenGuards(verdict));
  const broken = guards && `${guards}; `;
  if (!isNumber(verdict.estimate)) {
    return `${word}: ${broken}${clean(verdict.metric)}, ${completed(verdict)}`;
  }
  const found = [meansText(verdict), differenceText(verdict)].filter(Boolean).join(', ');
  return `${word}: ${broken}${clean(verdict.metric)} ${found}, ${completed(verdict)}`;
}

// A candidate of which a run failed has failed, whatever the others say.
function wordOf(verdict) {
  const failed = verdict.candidate_failures && verdict.outcome === 'undecided';
  return failed ? OUTCOMES.failed : OUTCOMES[verdict.outcome] ?? clean(verdict.outcome);
}

function brokenGuards(verdict) {
  const broken = (verdict.guards ?? []).filter((guard) => guard.hold === 'broken');
  return broken.map((guard) => guard.metric);
}

function guardsTold(names) {
  if (!names.length) return '';
  const told = names.map(clean);
  return told.length === 1 ? `guard ${told[0]} is broken` : `guards ${told.join(', ')} are broken`;
}

// `0.9465 -> 0.9517`, told of a verdict that found a difference.
function meansText(verdict) {
  const decided = verdict.outcome === 'improved' || verdict.outcome === 'worse';
  if (!decided || !isNumber(verdict.baseline_mean)) return '';
  const digits = digitsOf(verdict);
  const after = number(verdict.candidate_mean ?? 0, digits);
  return `${number(verdict.baseline_mean, digits)} -> ${after}`;
}

function completed(verdict) {
  const pairs = `${verdict.n} of ${Math.max(verdict.attempted ?? 0, verdict.n)} pairs`;
  if (verdict.unit !== 'example' || !isNumber(verdict.examples)) return pairs;
  const examples = plural(verdict.examples, 'example');
  // Below three pairs there is an interval only where one run a side is all that can be known.
  const oneRun = verdict.n < 3 && isNumber(verdict.low);
  return oneRun ? examples : `${pairs} on ${examples}`;
}

// What a verdict over seeds says of new examples; empty where it does not say it already.
function forNewExamples(verdict) {
  if (verdict.unit === 'example' || !verdict.population || !isNumber(verdict.examples)) return '';
  const [low, high] = verdict.population;
  const digits = decimals((high - low) / 2);
  const ends = `${number(low, digits, true)}, ${number(high, digits, true)}`;
  const told = `for new examples of this kind: [${ends}], from ${plural(verdict.examples, 'example')}`;
  const sure = verdict.outcome === 'improved' || verdict.outcome === 'worse';
  const spans = low <= 0 && high >= 0;
  const more = '; spans zero: more examples would settle it, more seeds would not';
  return sure && spans ? told + more : told;
}

// A person's name without the address, where there is a name.
function nameOf(author) {
  return String(author).replace(/\s*<[^>]*>\s*$/, '') || String(author);
}

// How a difference is better: to the right where higher is better.
function ends(higherIsBetter) {
  return higherIsBetter ? ['worse', 'better'] : ['better', 'worse'];
}
