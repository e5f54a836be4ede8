// Each tab of the page has its own address, with its settings: links, reloads and the way back lead to what was there.
() => {
  const page = document.getElementById('page');
  const button = (name) => document.getElementById(`tab-${name}-button`);
  const buttons = () => [...page.querySelectorAll('[id^="tab-"][id$="-button"]')];
  const current = () => buttons().find((one) => one.ariaSelected === 'true')?.id.replace(/^tab-|-button$/g, '');
  const asked = () => new URLSearchParams(location.search);
  const settings = (window.tabSettings ??= {}); // of each tab, as address.js reports them

  // What Gradio itself reads from the address, the theme say, stays there.
  const address = (name) => {
    const query = new URLSearchParams([...asked()].filter(([key]) => key.startsWith('__')));
    query.set('tab', name);
    for (const [key, value] of new URLSearchParams(settings[name] || '')) query.set(key, value);
    return `${location.pathname}?${query}`;
  };
  const open = () => {
    const wanted = button(asked().get('tab')) || buttons()[0];
    if (wanted.ariaSelected !== 'true') wanted.click();
  };

  const first = asked(), tab = first.get('tab');
  if (button(tab)) {
    const rest = [...first].filter(([key]) => key !== 'tab' && !key.startsWith('__'));
    settings[tab] ??= `${new URLSearchParams(rest)}`;
    open();
  }
  window.addEventListener('popstate', open);
  window.addEventListener('tab-settings', (event) => {
    if (event.detail === current()) history.replaceState(null, '', address(event.detail));
  });
  // The server opens tabs too, so that the buttons are watched, not clicks on them.
  new MutationObserver(() => {
    const name = current(), before = asked().get('tab') || buttons()[0]?.id.replace(/^tab-|-button$/g, '');
    if (name && name !== before) history.pushState(null, '', address(name));
  }).observe(page, {attributes: true, attributeFilter: ['aria-selected'], subtree: true});
}
