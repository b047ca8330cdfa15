import type { PrismaPg } from '@prisma/adapter-pg';
import { ColumnTypeEnum } from '@prisma/driver-adapter-utils';

type Connection = Awaited<ReturnType<PrismaPg['connect']>>;

interface Asked {
  charColumns?: number[];
}

/** What the adapter's connection has inside, and what is mended of it. */
interface Inner {
  client: { query(script: string): Promise<unknown> };
  onError(error: unknown): never;
  performIO(query: Asked): Promise<{ fields?: { dataTypeID: number }[] }>;
  queryRaw(query: Asked): Promise<{ columnTypes: unknown[] }>;
  executeScript(script: string): Promise<void>;
}

const INTERNAL_CHAR = 18;
const TEXT = 25;

/** Mends two things that the schema engine needs and the adapter can't do; each was found by its failing. */
export function mendConnection(connection: Connection): Connection {
  const inner = connection as unknown as Inner;
  mendScripts(inner);
  mendCharColumns(inner);
  return connection;
}

/** The adapter cuts a script at every semicolon, those in comments, texts and function bodies included; Postgres takes it whole. */
function mendScripts(inner: Inner): void {
  inner.executeScript = async (script) => {
    try {
      await inner.client.query(script);
    } catch (error) {
      inner.onError(error);
    }
  };
}

/** The engine's introspection reads Postgres's internal one-byte `"char"`, which the adapter cannot map: it passes as text. */
function mendCharColumns(inner: Inner): void {
  const performIO = inner.performIO.bind(inner);
  const queryRaw = inner.queryRaw.bind(inner);
  inner.performIO = async (query) => {
    const result = await performIO(query);
    query.charColumns = [];
    for (const [index, field] of (result.fields ?? []).entries()) {
      if (field.dataTypeID !== INTERNAL_CHAR) continue;
      field.dataTypeID = TEXT;
      query.charColumns.push(index);
    }
    return result;
  };
  inner.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of query.charColumns ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
}
