// What a technical term means (class `term`), shown beside it while it is pointed at, tapped or reached by the Tab key.
// It hides by Escape, and stays while the pointer is on it. As a popover it lies above everything and is never cut off.
() => {
  if (window.explaining) return;
  window.explaining = true;
  const tip = Object.assign(document.createElement('div'), {className: 'meaning', popover: 'manual'});
  tip.setAttribute('aria-hidden', 'true'); // the term itself tells it to screen readers
  document.body.append(tip);
  let of = null;

  const hide = () => {
    if (of) tip.hidePopover();
    of = null;
  };
  const place = () => {
    if (!of) return;
    const word = of.getClientRects()[0], size = tip.getBoundingClientRect();
    if (!word) return hide(); // an answer took its place
    const left = Math.min(word.left, document.documentElement.clientWidth - size.width - 8);
    const below = word.bottom + size.height + 8 < innerHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? word.bottom + 4 : Math.max(8, word.top - size.height - 4)}px`;
  };
  const show = (term) => {
    if (of === term) return;
    hide();
    of = term;
    tip.textContent = term.getAttribute('aria-description');
    tip.showPopover();
    place();
  };
  const term = (event) => event.target.closest?.('.term');

  document.addEventListener('pointerover', (event) => {
    if (term(event)) show(term(event));
    else if (of && of !== document.activeElement && !tip.contains(event.target)) hide();
  });
  document.addEventListener('focusin', (event) => (term(event) ? show(term(event)) : hide()));
  document.addEventListener('focusout', hide);
  document.addEventListener('pointerdown', (event) => { if (!term(event) && !tip.contains(event.target)) hide(); });
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') hide(); });
  document.addEventListener('scroll', place, {capture: true, passive: true});
}
