/** Marks a branch that no value can reach; forgetting a case doesn't compile. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${JSON.stringify(value)}`);
}
