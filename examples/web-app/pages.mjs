/** What its pages look like. */

/** Large enough for a thumb. */
export const STYLE = `body { font: 1rem/1.5 system-ui; margin: 1rem; overflow-wrap: anywhere }
form { margin: 1rem 0 }
a, button, input { display: inline-block; box-sizing: border-box; max-width: 100%; padding: 0.5rem; font: inherit }`;

export function page(content) {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
    <title>Orders</title><link rel="stylesheet" href="/style.css"><main><h1>Orders</h1>${content}</main></html>`;
}

/** No page is a dead end: there may be no way back where somebody comes from Gatehouse. */
export function refuse(response, status, words) {
  return response.status(status).send(page(`<p>${words}</p><p><a href="/">To the orders</a></p>`));
}

export function escaped(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
