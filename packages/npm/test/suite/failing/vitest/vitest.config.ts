import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { globalSetup: 'tiledesk-mock/vitest/setup' } });
