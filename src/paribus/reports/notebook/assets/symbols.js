// A shape for each outcome, so that colour never carries meaning alone. A path, so that ten thousand
// points are a few elements.

const SHAPES = {
  improved: (x, y, r) => `M${x},${y - r * 1.15}l${r * 1.1},${r * 2}h${-r * 2.2}z`,
  worse: (x, y, r) => `M${x},${y + r * 1.15}l${r * 1.1},${-r * 2}h${-r * 2.2}z`,
  'no-difference': (x, y, r) => circle(x, y, r * 0.9),
  undecided: (x, y, r) => `M${x},${y - r * 1.2}l${r * 1.2},${r * 1.2}l${-r * 1.2},${r * 1.2}l${-r * 1.2},${-r * 1.2}z`,
  'not-comparable': (x, y, r) => `M${x - r * 0.9},${y - r * 0.9}h${r * 1.8}v${r * 1.8}h${-r * 1.8}z`,
  failed: (x, y, r) => `M${x - r},${y - r}l${2 * r},${2 * r}m0,${-2 * r}l${-2 * r},${2 * r}`,
  open: (x, y, r) => `M${x - r},${y}h${2 * r}M${x},${y - r}v${2 * r}`,
};

function circle(x, y, r) {
  return `M${x - r},${y}a${r},${r} 0 1,0 ${2 * r},0a${r},${r} 0 1,0 ${-2 * r},0`;
}

// The path of a mark, its coordinates to a tenth of a pixel.
function shape(mark, x, y, r) {
  return SHAPES[mark](tenth(x), tenth(y), r);
}

function tenth(value) {
  return Math.round(value * 10) / 10;
}

// A picture in a line of text, which says the same.
function smallPicture(width, ...children) {
  return svg('svg', { class: 'icon', viewBox: `0 0 ${width} 16`, width, height: 16, 'aria-hidden': 'true' },
    ...children);
}

// A mark beside its word.
function icon(mark) {
  return smallPicture(16, svg('path', { class: `mark ${mark}`, d: shape(mark, 8, 8, 5) }));
}

// An outcome in words with its mark.
function verdictTag(point) {
  return el('span', { class: `verdict ${point.mark}` }, icon(point.mark), el('span', {}, verdictWords(point)));
}
