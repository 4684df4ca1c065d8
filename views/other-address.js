/* Only the browser knows which address it shows: a proxy may have told the server another Host. */
{
  const notice = document.getElementById('other-address');
  const { origin } = notice.dataset;
  if (origin !== location.origin) {
    // None where an app began: what it asked for is bound to this address.
    const link = notice.querySelector('a');
    if (link) {
      link.href = origin + location.pathname;
      link.textContent = origin;
    }
    notice.hidden = false;
  }
}
