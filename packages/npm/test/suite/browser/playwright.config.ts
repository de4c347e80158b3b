import { defineConfig } from '@playwright/test';

const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];
export default defineConfig({ use: { launchOptions: { executablePath: process.env.CHROMIUM!, args } } });
