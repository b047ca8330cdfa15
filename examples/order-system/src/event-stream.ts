/** One event of a `text/event-stream`. */
export interface StreamEvent {
  id: string | undefined;
  type: string;
  data: string;
}

/** Reads a `text/event-stream` (HTML standard, section 9.2); comments, which keep the connection alive, are left out. */
export async function* readEventStream(body: AsyncIterable<Uint8Array>): AsyncGenerator<StreamEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let fields = new Map<string, string[]>();
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/\r\n|\n|\r/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '') {
        const data = fields.get('data');
        if (data)
          yield { id: fields.get('id')?.at(-1), type: fields.get('event')?.at(-1) ?? 'message', data: data.join('\n') };
        fields = new Map();
      } else if (!line.startsWith(':')) {
        const colon = line.indexOf(':');
        const name = colon < 0 ? line : line.slice(0, colon);
        const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
        fields.set(name, [...(fields.get(name) ?? []), value]);
      }
    }
  }
}
