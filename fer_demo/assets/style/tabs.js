// Says so when this page is open in so many tabs that the browser will soon make them wait: over HTTP/1.1 it keeps six
// connections to one server, and every open page holds one, by which the server learns when the page is closed.
() => {
  const OPEN = 'open page ', FIRST_TOLD = 5; // at the sixth it would be too late: all of them wait
  const REST = 'browsers let all of them wait: close those that you do not need.';
  const [visit] = performance.getEntriesByType('navigation');
  if (!navigator.locks || visit?.nextHopProtocol !== 'http/1.1' || window.counted) return;
  window.counted = true;

  const sentence = document.querySelector('.many-tabs');
  const count = async () => {
    const {held} = await navigator.locks.query();
    const open = held.filter((lock) => lock.name.startsWith(OPEN)).length;
    sentence.hidden = open < FIRST_TOLD;
    sentence.textContent = sentence.hidden ? '' : `This page is open in ${open} tabs. With six or more, ${REST}`;
  };
  // A lock of its own for each page; the browser lets go of it with the page.
  navigator.locks.request(`${OPEN}${Math.random()}`, () => { count(); return new Promise(() => {}); });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) count(); });
}
