import { type Parsed, parsed, refused } from './parsed.ts';

const COMPONENT = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const HOST_LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const PORT = ':[0-9]{1,5}';
/** A first part is a registry only with a dot, a port, or as `localhost`; else it belongs to the name. */
const HOST = `(?:${HOST_LABEL}(?:\\.${HOST_LABEL})+(?:${PORT})?|${HOST_LABEL}${PORT}|localhost|\\[[0-9a-fA-F:]+\\](?:${PORT})?)`;
const TAG = '[\\w][\\w.-]{0,127}';
const DIGEST = 'sha256:[0-9a-f]{64}';
const REFERENCE = new RegExp(`^(?:${HOST}/)?${COMPONENT}(?:/${COMPONENT})*(?::${TAG})?(?:@${DIGEST})?$`);
const NAME_MAX = 255;

/** An image reference by the grammar of the distribution specification; without tag and digest it means `:latest`. */
export function parseImageReference(text: string): Parsed<string> {
  if (!REFERENCE.test(text)) return refused('must be an image reference such as registry.example.org/site:1.4.2');
  const name = text.replace(/@.*$/, '').replace(/:[\w][\w.-]*$/, '');
  if (name.length > NAME_MAX) return refused(`must not have a name longer than ${NAME_MAX} characters`);
  const last = text.slice(text.lastIndexOf('/') + 1);
  return parsed(last.includes(':') || text.includes('@') ? text : `${text}:latest`);
}
