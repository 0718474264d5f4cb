// Values onto pixels, and the round numbers at which an axis is marked.

function linear(low, high, start, end) {
  const span = high - low || 1;
  return (value) => start + ((value - low) / span) * (end - start);
}

// Round values within an interval, about so many, with the decimals that tell them apart.
function roundTicks(low, high, count) {
  const rough = (high - low) / Math.max(count, 1);
  if (!(rough > 0) || !Number.isFinite(rough)) return { ticks: [low], digits: 3 };
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999);
  const digits = Math.min(Math.max(0, -Math.floor(Math.log10(step) + 1e-9)), 12);
  const ticks = [];
  const first = Math.ceil(low / step - 1e-9);
  for (let at = first; at * step <= high + step * 1e-9; at += 1) ticks.push(at * step);
  return { ticks, digits };
}

function tickText(value, digits) {
  return Math.abs(value) >= 1e7 ? value.toExponential(2) : fixed(value, Math.min(digits, 12));
}

const HOUR = 3600e3;
const DAY = 24 * HOUR;

// Minutes, hours, days, weeks, months or years within a time, at most so many, each with its label.
function timeTicks(low, high, count) {
  const span = high - low;
  for (const hours of [1 / 60, 5 / 60, 0.25, 0.5, 1, 3, 6, 12, 24, 48, 168, 336]) {
    if (span / (hours * HOUR) <= count) return evenTicks(low, high, hours * HOUR);
  }
  for (const months of [1, 2, 3, 6, 12, 24, 60, 120]) {
    if (span / (months * 30.4 * DAY) <= count) return monthTicks(low, high, months);
  }
  return monthTicks(low, high, 12 * Math.ceil(span / (365 * DAY) / count));
}

function evenTicks(low, high, step) {
  const ticks = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) {
    // The first says of which day the hours after it are.
    const [day, time] = [ticks.length && at % DAY ? '' : dayOf(at), at % DAY ? timeOf(at) : ''];
    ticks.push({ at, label: (day + time).trim() });
  }
  // Less than a minute may have no mark of its own.
  return ticks.length ? ticks : [{ at: low, label: dayOf(low) + timeOf(low) }];
}

function dayOf(at) {
  const when = new Date(at);
  return `${when.getUTCDate()} ${MONTHS[when.getUTCMonth()]} `;
}

function timeOf(at) {
  return new Date(at).toISOString().slice(11, 16);
}

function monthTicks(low, high, months) {
  const first = new Date(low);
  const ticks = [];
  let month = first.getUTCFullYear() * 12 + Math.ceil(first.getUTCMonth() / months) * months;
  for (; ; month += months) {
    const at = Date.UTC(Math.floor(month / 12), month % 12, 1);
    if (at > high) return ticks;
    const year = Math.floor(month / 12);
    const label = months >= 12 ? String(year) : `${MONTHS[month % 12]} ${year}`;
    if (at >= low) ticks.push({ at, label });
  }
}
