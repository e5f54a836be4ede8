// Any part of the page marked as `zoomable` fills the screen when its button is pressed, and is enlarged there. It is not
// moved or copied: as a popover it lies above everything, and what it listened to it still hears.
() => {
  if (window.zooming) return;
  window.zooming = true;
  let open = null, scale = 1, place = 0;

  const enlarge = (factor) => {
    scale = Math.min(8, Math.max(1, factor === 0 ? 1 : scale * factor));
    open.style.setProperty('--zoom', scale);
  };
  const button = (sign, label, act) => {
    const made = Object.assign(document.createElement('button'), {type: 'button', textContent: sign, ariaLabel: label});
    made.addEventListener('click', act);
    return made;
  };
  const close = () => {
    if (!open) return;
    open.querySelector('.zoom-bar')?.remove();
    if (open.matches(':popover-open')) open.hidePopover();
    open.removeAttribute('popover');
    open.classList.remove('filling');
    open.style.removeProperty('--zoom');
    const opener = open.querySelector('[data-zoom]');
    open = null;
    window.scrollTo(0, place);
    opener?.focus({preventScroll: true});
  };
  const show = (part) => {
    place = window.scrollY;
    open = part;
    const bar = Object.assign(document.createElement('div'), {className: 'zoom-bar'});
    if (!part.querySelector('.plot')) { // figures have tools of their own
      bar.append(button('+', 'Larger', () => enlarge(1.5)), button('−', 'Smaller', () => enlarge(1 / 1.5)));
    }
    bar.append(button('✕', 'Close the full screen', close));
    part.append(bar);
    part.classList.add('filling');
    part.setAttribute('popover', 'manual');
    part.showPopover();
    enlarge(0);
    bar.lastChild.focus();
  };

  document.addEventListener('click', (event) => {
    const pressed = event.target.closest?.('[data-zoom]');
    if (!pressed || open) return;
    event.preventDefault();
    event.stopPropagation();
    show(pressed.closest('.zoomable'));
  }, true);
  document.addEventListener('keydown', (event) => {
    if (!open) return;
    if (event.key === 'Escape') close();
    if (event.key === '+') enlarge(1.5);
    if (event.key === '-') enlarge(1 / 1.5);
  });
  document.addEventListener('wheel', (event) => {
    if (!open || !open.contains(event.target) || open.querySelector('.plot') || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    enlarge(event.deltaY < 0 ? 1.2 : 1 / 1.2);
  }, {passive: false});
}
