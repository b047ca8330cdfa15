import { describe, expect, test } from 'vitest';
import { makeOpenApi } from './openapi.ts';
import { type Route, routes } from './routes.ts';

describe('makeOpenApi', () => {
  const described = makeOpenApi('1.0.0') as {
    openapi: string;
    paths: Record<string, Record<string, { operationId: string }>>;
    components: { schemas: Record<string, unknown> };
  };

  test('describes every route', () => {
    for (const [name, route] of Object.entries<Route>(routes)) {
      expect(described.paths[route.path]?.[route.method]?.operationId).toBe(name);
    }
  });

  test('points only to components that are there', () => {
    const pointers = [...JSON.stringify(described).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, id]) => id);
    expect(pointers.length).toBeGreaterThan(10);
    for (const id of pointers) expect(described.components.schemas).toHaveProperty(id ?? '');
  });

  test('holds nothing of zod that OpenAPI does not know', () => {
    expect(JSON.stringify(described)).not.toContain('$defs');
  });
});
