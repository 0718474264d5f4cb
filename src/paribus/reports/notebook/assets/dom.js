// Elements. Names, messages and diffs of strangers become text nodes and nothing else: this page never
// parses markup, and no link leads anywhere but to a part of itself.

const SVG = 'http://www.w3.org/2000/svg';

const CONTROLS = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const CONTROLS_OF_BLOCK = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

// Text that cannot turn its direction or hide anything: controls are shown as `?`.
function clean(text) {
  return String(text).replace(CONTROLS, '?');
}

// Several lines, each cleaned.
function cleanBlock(text) {
  return String(text).replace(/\r\n?/g, '\n').replace(CONTROLS_OF_BLOCK, '?');
}

// The beginning of a text, for where only so much is read.
function shortened(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

// An element with attributes and children: texts, nodes, lists of them, and nothing for null.
// A function is listened with: `{click: open}`.
function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

function svg(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) {
      if (name === 'href' && !String(value).startsWith('#')) throw new Error('a link leads out');
      node.setAttribute(name, clean(value));
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : clean(child));
  }
  return node;
}

// Text of several lines, as it is.
function block(text) {
  return document.createTextNode(cleanBlock(text));
}

// The width in which something is drawn; a page that is not laid out yet has none.
function widthOf(node, otherwise) {
  return node.clientWidth || otherwise;
}
