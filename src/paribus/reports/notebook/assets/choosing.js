// Choosing two experiments to compare: in the table, or from an experiment's page. What is chosen is
// shown at the foot of the window until it is compared or let go.

const chosen = [];

function isChosen(point) {
  return chosen.includes(point);
}

// The two chosen last are those that are compared.
function toggleChosen(point) {
  const at = chosen.indexOf(point);
  if (at >= 0) chosen.splice(at, 1);
  else chosen.push(point);
  if (chosen.length > 2) chosen.shift();
  showChosen();
  announce(isChosen(point) ? `${point.short} is chosen, ${chosen.length} of 2` : `${point.short} is let go`);
}

function letGo() {
  chosen.length = 0;
  showChosen();
}

function showChosen() {
  const bar = document.getElementById('chosen');
  bar.hidden = chosen.length === 0;
  const [one, other] = chosen;
  bar.replaceChildren(...chosen.map((point) => pointLink(point)),
    other ? el('a', { class: 'button', href: hrefOfPair(one, other) }, 'Compare')
      : el('span', {}, 'Choose another to compare'),
    el('button', { type: 'button', class: 'quiet', click: letGo }, 'Let go'));
  for (const box of document.querySelectorAll('input.choose')) {
    box.checked = chosen.some((point) => point.id === box.value);
  }
}

function chooser(point) {
  const box = el('input', { type: 'checkbox', class: 'choose', value: point.id,
    'aria-label': `Choose ${point.short} to compare`, change: () => toggleChosen(point) });
  box.checked = isChosen(point);
  return box;
}
