// Runs before the first paint, so that the page never flashes in the other theme. A file of its own, because the CSP allows no inline script.
(function () {
  var wanted;
  try {
    wanted = window.localStorage.getItem('porchlight.theme') || 'system';
  } catch {
    // Storage is switched off: the system's theme it is.
    wanted = 'system';
  }
  var dark = wanted === 'dark' || (wanted !== 'light' && window.matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
})();
