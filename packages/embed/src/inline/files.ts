/** Files of the app that the browser itself would ask for without a token. */
export class Files {
  readonly #send: typeof fetch;
  readonly #blobs = new Map<string, Promise<string>>();

  /** @param send - `fetch` that attaches the token */
  constructor(send: typeof fetch) {
    this.#send = send;
  }

  /** @throws Error when it is not there */
  async get(url: URL): Promise<Response> {
    const response = await this.#send(url, { credentials: 'omit' });
    if (!response.ok) throw new Error(`${url.pathname} was answered with status ${response.status}.`);
    return response;
  }

  /** @throws Error when it is not there */
  async text(url: URL): Promise<string> {
    return (await this.get(url)).text();
  }

  /** An address of the file in this page; the same one every time. @throws Error when it is not there */
  blob(url: URL): Promise<string> {
    const known = this.#blobs.get(url.href);
    if (known) return known;
    const made = this.get(url).then(async (response) => URL.createObjectURL(await response.blob()));
    this.#blobs.set(url.href, made);
    made.catch(() => this.#blobs.delete(url.href));
    return made;
  }

  /** Lets go of all of them. */
  revoke(): void {
    for (const made of this.#blobs.values()) made.then(URL.revokeObjectURL, () => {});
    this.#blobs.clear();
  }
}
