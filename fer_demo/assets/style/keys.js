// Arrow keys move among the options of a choice and among tabs, as on other pages; Gradio makes each option a group of its own.
() => {
  if (window.arrowKeys) return;
  window.arrowKeys = true;
  const STEPS = {ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1};
  const companions = (item, key) => {
    if (item.matches('fieldset input[type=radio]')) return item.closest('fieldset').querySelectorAll('input[type=radio]');
    const across = key === 'ArrowRight' || key === 'ArrowLeft';
    return across && item.matches('[role=tab]') ? item.closest('[role=tablist]')?.querySelectorAll('[role=tab]') : null;
  };
  document.addEventListener('keydown', (event) => {
    const step = STEPS[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const found = companions(event.target, event.key);
    if (!found) return;
    const items = [...found].filter((item) => !item.disabled && item.checkVisibility());
    const next = items[(items.indexOf(event.target) + step + items.length) % items.length];
    event.preventDefault();
    next?.focus();
    next?.click();
  });
}
