// The noise budget: where the baseline's spread comes from, and what can be told in spite of it.

const LENGTH = { text: 'drawn', unseen: true };

function noiseSection(told) {
  const { noise } = told;
  if (!noise) return null;
  const known = noise.sources.filter((source) => isNumber(source.sd));
  return section('The noise budget',
    el('div', { class: 'columns' },
      el('div', {}, el('p', {}, noiseWords(noise)), detectionDrawn(noise)),
      el('div', {}, noise.sources.length ? sourcesTable(noise, known) : unknownSources())));
}

// Private functions

function unknownSources() {
  return [el('p', { class: 'note' }, 'Where it comes from was not measured.'), commandList([['measure it', 'paribus noise']])];
}

function noiseWords(noise) {
  const told = [];
  if (isNumber(noise.sd)) {
    const sd = noise.sd ? number(noise.sd, decimals(noise.sd)) : '0';
    told.push(`One run differs from the next by an sd of ${sd}, by ${plural(noise.runs, 'run')} of the baseline.`);
  }
  if (isNumber(noise.detectable)) {
    const least = number(noise.detectable, decimals(noise.detectable));
    told.push(`${plural(noise.cap, 'pair')} detect ${least} with 80 % power; you look for ${effectText(noise.effect)}.`);
  }
  return told.join(' ');
}

function effectText(effect) {
  return String(Number(effect.toPrecision(3)));
}

// What can be detected beside what is looked for, as lengths from zero.
function detectionDrawn(noise) {
  if (!isNumber(noise.detectable)) return null;
  const most = Math.max(noise.detectable, noise.effect) || 1;
  const isEnough = noise.detectable <= noise.effect;
  const row = (name, value, kind, text) => [name, bar(value / most, kind), text];
  return tableOf('What can be told apart, and what is looked for', [{ text: 'what', unseen: true }, LENGTH, { text: 'difference', right: true }], [
    row('you look for', noise.effect, 'sought', effectText(noise.effect)),
    row(`${plural(noise.cap, 'pair')} detect`, noise.detectable, isEnough ? 'sought' : 'short',
      `${number(noise.detectable, decimals(noise.detectable))}${isEnough ? '' : ', not enough'}`),
  ], { class: 'bars' });
}

function sourcesTable(noise, known) {
  const most = Math.max(...known.map((source) => source.high ?? source.sd), 0) || 1;
  const digits = decimals(noise.sd || most);
  const heads = ['source', LENGTH, { text: 'share', right: true }, 'sd, 90 % interval'];
  const body = noise.sources.map((source) => [source.name,
    isNumber(source.sd) ? bar(source.sd / most, 'source', [source.low, source.high].map((end) => (isNumber(end) ? end / most : null))) : '',
    shareText(source.share), spreadText(source, digits)]);
  return tableOf('Shares of the variance; what was not measured is blank', heads, body, { class: 'bars' });
}

function spreadText({ sd, low, high }, digits) {
  if (!isNumber(sd)) return '';
  const told = sd ? number(sd, digits) : '0';
  const isWide = isNumber(low) && isNumber(high) && low < high;
  return isWide ? `${told} [${number(low, digits)}, ${number(high, digits)}]` : told;
}

function shareText(share) {
  if (!isNumber(share)) return '';
  return share > 0 && share < 0.005 ? '<1 %' : `${Math.round(100 * share)} %`;
}

// A length from zero, with the ends of its interval.
function bar(part, kind, [low, high] = [null, null]) {
  const width = 150;
  const x = (value) => tenth(2 + Math.min(value, 1) * (width - 4));
  return svg('svg', { class: 'bar-drawn', viewBox: `0 0 ${width} 16`, width, height: 16, 'aria-hidden': 'true' },
    svg('rect', { class: `bar ${kind}`, x: 2, y: 3, width: Math.max(x(part) - 2, 1), height: 10 }),
    isNumber(low) && isNumber(high) ? svg('path', { class: 'whisker', d: `M${x(low)},5v6M${x(low)},8H${x(high)}m0,-3v6` }) : null);
}
