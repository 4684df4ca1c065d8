/*
 * A fragment puts the focus on the button that it names (/consent#allow), and the site that opened this page may have
 * asked to press Enter. No address of ours has a fragment: it goes before the button is there, and one that comes later
 * gets no focus.
 */
{
  const dropFragment = () => history.replaceState(null, '', location.pathname + location.search);
  if (location.hash !== '') dropFragment();
  document.addEventListener('focusin', ({ target }) => {
    // Whatever it says: #%61llow names that button too.
    if (location.hash === '') return;
    dropFragment();
    target.blur();
  });
}
