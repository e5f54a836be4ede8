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
  // Light or dark: what the address says, else what was chosen here before, else what the system prefers.
  const dress = (dark) => document.body.classList.toggle('dark', dark);
  const chosen = localStorage.getItem('theme');
  if (chosen && !first.has('__theme')) dress(chosen === 'dark');
  document.querySelector('.masthead .theme').addEventListener('click', () => {
    localStorage.setItem('theme', dress(!document.body.classList.contains('dark')) ? 'dark' : 'light');
    const query = asked();
    query.delete('__theme');
    history.replaceState(null, '', `${location.pathname}${query.size ? `?${query}` : ''}`);
  });

  // A photo dropped or pasted anywhere goes into the first photo field in sight.
  const field = () => [...document.querySelectorAll('.dropzone input[type=file], .drop-many input[type=file]')]
    .find((input) => input.closest('.dropzone, .drop-many').checkVisibility());
  const hand = (event, files) => {
    const photos = [...files].filter((file) => file.type.startsWith('image/') || !file.type), input = field();
    if (!photos.length || !input) return;
    event.preventDefault();
    event.stopPropagation();
    const given = new DataTransfer();
    for (const photo of input.multiple ? photos : photos.slice(0, 1)) given.items.add(photo);
    input.files = given.files;
    input.dispatchEvent(new Event('change', {bubbles: true}));
  };
  const elsewhere = (event) => !event.target.closest?.('.dropzone, .drop-many, [data-testid=file-upload]');
  document.addEventListener('dragover', (event) => { if (elsewhere(event)) event.preventDefault(); });
  document.addEventListener('drop', (event) => {
    if (!elsewhere(event) || !event.dataTransfer.files.length) return;
    event.preventDefault(); // or the browser would leave the page for the file
    hand(event, event.dataTransfer.files);
  });
  document.addEventListener('paste', (event) => { if (event.clipboardData) hand(event, event.clipboardData.files); }, true);

  // The server opens tabs too, so that the buttons are watched, not clicks on them.
  new MutationObserver(() => {
    const name = current(), before = asked().get('tab') || buttons()[0]?.id.replace(/^tab-|-button$/g, '');
    if (name && name !== before) history.pushState(null, '', address(name));
  }).observe(page, {attributes: true, attributeFilter: ['aria-selected'], subtree: true});
}
