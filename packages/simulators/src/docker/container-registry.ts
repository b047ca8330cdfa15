import { assertContainerName, type Container } from './container.ts';
import { EngineError } from './engine-error.ts';

/** The containers of an engine by id and by name. */
export class ContainerRegistry {
  readonly #containers = new Map<string, Container>();
  readonly #names = new Map<string, Container>();

  constructor(containers: Container[]) {
    for (const container of containers) {
      this.#containers.set(container.id, container);
      this.#names.set(container.name, container);
    }
  }

  list(): Container[] {
    return [...this.#containers.values()];
  }

  has(container: Container): boolean {
    return this.#containers.has(container.id);
  }

  /** By id, name with or without its slash, or the beginning of an id. */
  find(nameOrId: string): Container | undefined {
    const name = nameOrId.replace(/^\//, '');
    return (
      this.#containers.get(name) ??
      this.#names.get(name) ??
      (/^[0-9a-f]{4,63}$/.test(name) ? this.list().find((container) => container.id.startsWith(name)) : undefined)
    );
  }

  /** @throws EngineError 409 name in use */
  add(container: Container): void {
    this.#assertNameFree(container.name);
    this.#containers.set(container.id, container);
    this.#names.set(container.name, container);
  }

  /** @throws EngineError 400 bad, empty or the same name, 409 name in use */
  rename(container: Container, name: string): void {
    if (name === '') {
      throw new EngineError(400, 'Neither old nor new names may be empty');
    }
    if (name === container.name) {
      throw new EngineError(400, 'Renaming a container with the same name as its current name');
    }
    assertContainerName(name);
    this.#assertNameFree(name);
    this.#names.delete(container.name);
    container.name = name;
    this.#names.set(name, container);
  }

  remove(container: Container): void {
    this.#containers.delete(container.id);
    this.#names.delete(container.name);
  }

  #assertNameFree(name: string): void {
    const holder = this.#names.get(name);
    if (holder !== undefined) {
      throw new EngineError(
        409,
        `Conflict. The container name "/${name}" is already in use by container "${holder.id}". You have to remove (or rename) that container to be able to reuse that name.`,
      );
    }
  }
}
