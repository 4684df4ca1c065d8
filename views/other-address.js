/* Only the browser knows which address it shows: a proxy may have told the server another Host. */
{
  const notice = document.getElementById('other-address');
  const { origin } = notice.dataset;
  if (origin !== location.origin) {
    const link = notice.querySelector('a');
    link.href = origin + location.pathname;
    link.textContent = origin;
    notice.hidden = false;
  }
}
