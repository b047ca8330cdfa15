import { fileURLToPath } from 'node:url';
import { defineConfig } from 'prisma/config';

// The command line looks for a native engine before it generates and would download it; any existing file stops that, and generating needs none.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(new URL('./package.json', import.meta.url));

export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } });
