// The settings of one tab, for page.js to show in the address; and those that the page was opened with.
const remember = () => {
  if (typeof props.value !== 'string') return; // nothing was chosen yet
  (window.tabSettings ??= {})[props.tab] = props.value;
  window.dispatchEvent(new CustomEvent('tab-settings', {detail: props.tab}));
};

const {tab, ...rest} = Object.fromEntries(new URLSearchParams(location.search));
const settings = Object.fromEntries(Object.entries(rest).filter(([name]) => !name.startsWith('__')));
const asked = tab === props.tab && Object.keys(settings).length > 0;
if (asked) {
  // The part of the tab that is asked for opens at once; only then is the rest asked of the server.
  document.getElementById(`part-${settings.part}-button`)?.click();
}
if (asked || props.always) trigger('select', {settings: asked ? settings : {}});
watch('value', remember);
