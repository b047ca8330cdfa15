/** A pointer to a field of a request (RFC 6901). @param where `#` for the body, `#query` for the query */
export function pointerTo(where: string, path: readonly PropertyKey[]): string {
  return [where, ...path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1'))].join('/');
}
