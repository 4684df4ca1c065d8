/** Stands before a server as a slow network does: answers to POSTs wait until the test lets them go. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';

export interface SlowProxy {
  /** Paths of the POSTs that came, since the answers were last held. */
  readonly posts: string[];
  hold(): void;
  letGo(): void;
  close(): void;
}

/** Listens on `port`; `upstream` is the port of the server, `mayKeep` lets browsers keep its pages for the way back. */
export async function startSlowProxy(
  port: number,
  upstream: number,
  { mayKeep = false } = {},
): Promise<SlowProxy> {
  const posts: string[] = [];
  let gate = Promise.resolve();
  let letGo = () => {};
  const pass = (request: IncomingMessage, response: ServerResponse) => {
    const isPost = request.method === 'POST';
    if (isPost) posts.push(request.url ?? '');
    const { method, url: path, headers } = request;
    const onward = send({ port: upstream, host: '127.0.0.1', method, path, headers }, async (answer) => {
      if (isPost) await gate;
      if (mayKeep) delete answer.headers['cache-control'];
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  };
  const listener = createServer(pass);
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  return {
    posts,
    hold() {
      posts.length = 0;
      gate = new Promise((resolve) => {
        letGo = resolve;
      });
    },
    letGo: () => letGo(),
    close() {
      letGo();
      listener.close();
      listener.closeAllConnections();
    },
  };
}
