import type { RequestListener } from 'node:http';

export const FRAMED = 'framed.tracker.example';
export const AROUND = 'www.around.example';

/**
 * A page with a frame of another site in it, which sets two cookies: an ordinary one for frames and one that is partitioned.
 * What comes back shows what the browser blocks.
 */
export const thirdParty: ReadonlyMap<string, RequestListener> = new Map<string, RequestListener>([
  [
    AROUND,
    (_request, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Around</title><iframe src="https://${FRAMED}/"></iframe>`);
    },
  ],
  [
    FRAMED,
    (request, response) => {
      const frames = 'Path=/; Secure; SameSite=None';
      response.setHeader('set-cookie', [`ordinary=1; ${frames}`, `parted=1; ${frames}; Partitioned`]);
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Framed</title><p>${request.headers.cookie ?? 'no cookie'}</p>`);
    },
  ],
]);
