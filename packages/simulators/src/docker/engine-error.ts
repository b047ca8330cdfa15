/** A refusal as the Docker Engine states it: an HTTP status and `{ "message": … }`. */
export class EngineError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'EngineError';
    this.status = status;
  }
}
