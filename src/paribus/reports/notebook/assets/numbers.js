// Numbers as they are told: with as many digits as the noise supports. The same rules as
// core/numbers.py and reports/verdict.py, and the tests hold both against each other.

// How many decimals the noise supports: two significant digits of an interval's half-width.
function decimals(halfWidth) {
  if (!(halfWidth > 0)) return 6;
  return Math.min(Math.max(1 - Math.floor(Math.log10(halfWidth)), 0), 6);
}

// `x` with so many decimals, `+` in front when asked for; a rounded zero is never negative.
function number(x, digits, sign = false) {
  const plus = (text) => (sign && !text.startsWith('-') ? `+${text}` : text);
  if (digits >= 6 && x !== 0 && Math.abs(x) < 1e-5) {
    return plus(x.toExponential(1).replace(/e-(\d)$/, 'e-0$1'));
  }
  const text = fixed(x, digits);
  return plus(/^-[0.]*$/.test(text) ? text.slice(1) : text);
}

// Half to even, as Python rounds: `toFixed` rounds a tie away from zero. A tie at `digits` decimals is
// an odd number of 2^-(digits + 1), and multiplying by a power of two is exact.
function fixed(x, digits) {
  if (Math.abs(x) >= 1e21) return BigInt(x).toString() + (digits ? `.${'0'.repeat(digits)}` : '');
  const text = x.toFixed(digits);
  if (Math.abs((x * 2 ** (digits + 1)) % 2) !== 1) return text;
  if ('02468'.includes(text.at(-1))) return text;
  const towardsZero = (Math.abs(x) - 0.5 * 10 ** -digits).toFixed(digits);
  return x < 0 ? `-${towardsZero}` : towardsZero;
}

// Decimals for a difference with its interval.
function digitsOf({ estimate, low, high }) {
  if (isNumber(low) && isNumber(high) && high > low) return decimals((high - low) / 2);
  return estimate ? decimals(Math.abs(estimate)) : 0;
}

function isNumber(value) {
  return typeof value === 'number' && Number.isFinite(value);
}

// `+0.0052 [+0.0011, +0.0093]`; what is unknown is left out.
function differenceText(told) {
  return [estimateText(told), intervalText(told)].filter(Boolean).join(' ');
}

function estimateText(told) {
  return isNumber(told.estimate) ? number(told.estimate, digitsOf(told), true) : '';
}

function intervalText(told) {
  if (!isNumber(told.low) || !isNumber(told.high)) return '';
  const digits = digitsOf(told);
  return `[${number(told.low, digits, true)}, ${number(told.high, digits, true)}]`;
}

// A step's mean, by its own noise.
function stepDigits(step) {
  if (isNumber(step.low) && isNumber(step.high)) return decimals((step.high - step.low) / 2);
  return isNumber(step.sd) ? decimals(step.sd) : null;
}

function measured(value, digits) {
  if (!isNumber(value)) return '';
  return digits === null ? String(Number(value.toPrecision(6))) : number(value, digits);
}

// `12 s`, `4 min`, `2.5 h`, `3 days`: as much as anybody plans with.
function duration(seconds) {
  if (!isNumber(seconds)) return '';
  if (seconds < 120) return `${seconds < 10 ? Number(seconds.toFixed(1)) : Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172800) return `${Number((seconds / 3600).toFixed(1))} h`;
  return `${Number((seconds / 86400).toFixed(1))} days`;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun',
  'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

// Milliseconds of an ISO time, which is UTC where it does not say otherwise; NaN where it is none.
function milliseconds(iso) {
  const text = String(iso);
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(text) || text.length <= 10 ? text : `${text}Z`);
}

// `22 Nov 2026`, and `22 Nov 2026, 10:32 UTC` with the time.
function dateText(iso, withTime = false) {
  const at = new Date(milliseconds(iso));
  if (Number.isNaN(at.getTime())) return String(iso ?? '');
  const day = `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ${at.getUTCFullYear()}`;
  const two = (part) => String(part).padStart(2, '0');
  return withTime ? `${day}, ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC` : day;
}
