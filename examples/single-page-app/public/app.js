/** The page. It knows no token: it asks the server that it came from, which shows its own. */
const problems = { denied: 'You did not allow it.', expired: 'This sign-in is not good any more.' };
const part = (id) => document.getElementById(id);

/** The header says that it is this page which asks. */
async function ask(path, { method = 'GET', body } = {}) {
  const headers = { 'x-orders': '1', ...(body && { 'content-type': 'application/json' }) };
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body) });
  if (answer.status === 401) show({ isSignedIn: false });
  else if (!answer.ok) part('problem').textContent = `That did not work (${answer.status}). Try again.`;
  return answer.ok ? answer : undefined;
}

function show({ isSignedIn }) {
  part('signed-in').hidden = !isSignedIn;
  part('signed-out').hidden = isSignedIn;
}

async function showOrders() {
  const answer = await ask('/api/orders');
  if (!answer) return;
  const items = (await answer.json()).map((item) => {
    const line = document.createElement('li');
    line.textContent = item;
    return line;
  });
  part('orders').replaceChildren(...items);
}

part('order').addEventListener('submit', async (event) => {
  event.preventDefault();
  const item = new FormData(event.target).get('item');
  if (await ask('/api/orders', { method: 'POST', body: { item } })) await showOrders();
});

part('sign-out').addEventListener('click', async () => {
  const answer = await ask('/logout', { method: 'POST' });
  if (answer) location.assign((await answer.json()).location);
});

part('problem').textContent = problems[new URLSearchParams(location.search).get('problem')] ?? '';
if (await ask('/me')) {
  show({ isSignedIn: true });
  await showOrders();
}
