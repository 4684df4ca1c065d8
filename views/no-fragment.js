/*
 * A fragment puts the focus on the button that it names (/consent#allow), and the site that opened this page may have
 * asked to press Enter. No address of ours has a fragment, so it goes before the button is there.
 */
{
  const dropFragment = () => history.replaceState(null, '', location.pathname + location.search);
  if (location.hash !== '') dropFragment();
  window.addEventListener('hashchange', () => {
    if (location.hash === '') return;
    dropFragment();
    document.activeElement?.blur();
  });
}
