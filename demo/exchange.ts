/** Every request and answer of the demonstration, kept in order. */
export interface Exchange {
  readonly request: string;
  readonly response: string;
}

export interface Recorder {
  readonly exchanges: Exchange[];
  fetch(
    url: string,
    init?: { method?: string; body?: URLSearchParams; headers?: Record<string, string> },
  ): Promise<Response>;
}

/** `tell` is called with each exchange as it ends. */
export function createRecorder(tell: (exchange: Exchange) => void): Recorder {
  const exchanges: Exchange[] = [];
  return {
    exchanges,
    async fetch(url, init = {}) {
      const response = await fetch(url, { ...init, redirect: 'manual' });
      const exchange = {
        request: describeRequest(url, init),
        response: await describeResponse(response.clone()),
      };
      exchanges.push(exchange);
      tell(exchange);
      return response;
    },
  };
}

function describeRequest(
  url: string,
  init: { method?: string; body?: URLSearchParams; headers?: Record<string, string> },
) {
  const headers = Object.entries(init.headers ?? {}).map(([name, value]) => `${name}: ${value}`);
  const body = init.body ? [...init.body].map(([name, value]) => `  ${name}=${value}`) : [];
  return [`${init.method ?? 'GET'} ${url}`, ...headers, ...body].join('\n');
}

async function describeResponse(response: Response): Promise<string> {
  const location = response.headers.get('location');
  const isJson = (response.headers.get('content-type') ?? '').includes('json');
  const text = await response.text();
  const body = isJson
    ? JSON.stringify(JSON.parse(text), undefined, 2)
    : (/<h1>([^<]*)/.exec(text)?.[1] ?? text.slice(0, 200));
  return [`${response.status}`, location === null ? body : `location: ${location}`].join('\n');
}
