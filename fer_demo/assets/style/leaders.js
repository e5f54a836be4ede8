// Sorts the leaderboard by the column whose name is pressed, and opens the page of a method that is pressed.
() => {
  if (window.leading) return;
  window.leading = true;

  const sort = (head) => {
    const place = head.cellIndex, rows = head.closest('table').tBodies[0];
    // What is better comes first, then the other way round; what was not measured stays at the end.
    const first = head.dataset.better === 'low' ? 'ascending' : 'descending';
    const order = head.ariaSort === first ? (first === 'ascending' ? 'descending' : 'ascending') : first;
    for (const other of head.parentElement.cells) if (other.ariaSort) other.ariaSort = 'none';
    head.ariaSort = order;
    const sign = order === 'ascending' ? 1 : -1;
    const value = (row) => row.cells[place].dataset.value;
    const compare = (one, other) => {
      if (value(one) === undefined || value(other) === undefined) return (value(one) === undefined) - (value(other) === undefined);
      return sign * (value(one) - value(other));
    };
    rows.append(...[...rows.rows].sort(compare));
  };
  const open = (name) => {
    document.getElementById('tab-about-button').click();
    const show = (tries) => {
      const page = document.getElementById(`method-${name}`);
      if (!page?.checkVisibility()) return tries && setTimeout(show, 50, tries - 1);
      page.scrollIntoView();
      page.focus({preventScroll: true});
    };
    show(100);
  };

  document.addEventListener('click', (event) => {
    const head = event.target.closest?.('.leaders .sort')?.closest('th');
    const link = event.target.closest?.('a[data-method]');
    if (head) sort(head);
    if (link && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      open(link.dataset.method);
    }
  });
}
