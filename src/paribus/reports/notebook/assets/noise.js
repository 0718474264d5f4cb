// The noise budget: where the baseline's spread comes from, and what can be told in spite of it.

const LENGTH = { text: 'drawn', unseen: true };

function noiseSection(told) {
  const { noise } = told;
  if (!noise) return null;
  return section('The noise budget',
    el('div', { class: 'columns' },
      el('div', {}, el('p', {}, noiseWords(noise)), detectionDrawn(noise)),
      el('div', {}, noise.sources.length ? sourcesTable(noise) : unknownSources())));
}

// Private functions

function unknownSources() {
  return [note('Where it comes from was not measured.'),
    commandList([['measure it', 'paribus noise']])];
}

function noiseWords(noise) {
  const told = [];
  if (isNumber(noise.sd)) {
    const sd = noise.sd ? number(noise.sd, decimals(noise.sd)) : '0';
    told.push(`One run differs from the next by an sd of ${sd}, by ${plural(noise.runs, 'run')} of the baseline.`);
  }
  if (isNumber(noise.detectable)) {
    const least = number(noise.detectable, decimals(noise.detectable));
    const sought = noise.effect ? `; you look for ${effectText(noise.effect)}` : '';
    told.push(`${plural(noise.cap, 'pair')} detect ${least} with 80 % power${sought}.`);
  }
  return told.join(' ');
}

function effectText(effect) {
  return String(Number(effect.toPrecision(3)));
}

// What can be detected beside what is looked for, as lengths from zero.
function detectionDrawn(noise) {
  if (!isNumber(noise.detectable) || !noise.effect) return null;
  const most = Math.max(noise.detectable, noise.effect) || 1;
  const isEnough = noise.detectable <= noise.effect;
  const row = (name, value, kind, text) => [name, bar(value / most, kind), text];
  const heads = [{ text: 'what', unseen: true }, LENGTH, right('difference')];
  return tableOf('What can be told apart, and what is looked for', heads, [
    row('you look for', noise.effect, 'sought', effectText(noise.effect)),
    row(`${plural(noise.cap, 'pair')} detect`, noise.detectable, isEnough ? 'sought' : 'short',
      `${number(noise.detectable, decimals(noise.detectable))}${isEnough ? '' : ', not enough'}`),
  ], { class: 'bars' });
}

function sourcesTable(noise) {
  const digits = decimals(noise.sd || Math.max(...noise.sources.map((source) => source.sd ?? 0)));
  const heads = ['source', LENGTH, 'share, 90 % interval', right('sd')];
  const body = noise.sources.map((source) => [sourceName(source),
    isNumber(source.share) ? bar(source.share, 'source', [source.low, source.high]) : '',
    shareText(source), isNumber(source.sd) ? (source.sd ? number(source.sd, digits) : '0') : '']);
  return tableOf('Shares of the variance; what was not measured is blank', heads, body, { class: 'bars' });
}

function sourceName({ name, within }) {
  if (!within?.length) return name;
  return [name, el('div', { class: 'muted' }, `within ${within.map(clean).join(', ')}`)];
}

// A share without width is exact, be it 0 or all there is.
function shareText({ share, low, high }) {
  if (!isNumber(share)) return '';
  const told = share > 0 && share < 0.005 ? '<1 %' : `${Math.round(100 * share)} %`;
  const isWide = isNumber(low) && isNumber(high) && low < high;
  return isWide ? `${told} [${Math.round(100 * low)}, ${Math.round(100 * high)}]` : told;
}

// A length from zero, with the ends of its interval.
function bar(part, kind, [low, high] = [null, null]) {
  const width = 150;
  const x = (value) => tenth(2 + Math.min(value, 1) * (width - 4));
  return svg('svg', { class: 'bar-drawn', viewBox: `0 0 ${width} 16`, width, height: 16, 'aria-hidden': 'true' },
    svg('rect', { class: `bar ${kind}`, x: 2, y: 3, width: Math.max(x(part) - 2, 1), height: 10 }),
    isNumber(low) && isNumber(high)
      ? svg('path', { class: 'whisker', d: `M${x(low)},5v6M${x(low)},8H${x(high)}m0,-3v6` }) : null);
}
