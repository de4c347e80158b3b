// charts.html, a page of another origin: with --demo it shows charts, and with --live a list that changes.

const assert = require('assert/strict');
const fs = require('fs');
const http = require('http');
const path = require('path');
const { serve } = require('../server');

/** Opens the page for a server, checks it, and keeps a screenshot. */
exports.showsCharts = async (context, folder) => {
  const site = http.createServer((request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    response.end(fs.readFileSync(path.join(__dirname, 'charts.html')));
  });
  await new Promise((listening) => site.listen(0, 'localhost', listening));
  const open = async (url) => {
    const page = await context.newPage();
    page.errors = [];
    page.on('pageerror', (error) => page.errors.push(error.stack));
    page.on('console', (message) => message.type() === 'error' && page.errors.push(message.text()));
    await page.goto(`http://localhost:${site.address().port}/?url=${encodeURIComponent(url)}`);
    await page.locator('body[data-ready]').waitFor();
    return page;
  };
  const keep = async (page, name) => {
    const picture = path.join(folder, `browser-${name}.png`);
    await page.screenshot({ path: picture, fullPage: true });
    console.log(`screenshot: ${picture}`);
  };
  try {
    const demo = await open(await serve('--demo', '300', '--log', 'error'));
    await keep(demo, 'demo');
    for (const [chart, least] of [['days', 5], ['hours', 12], ['ratings', 3], ['tags', 3]]) {
      const heights = await demo.locator(`#${chart} rect.bar`).evaluateAll((bars) => bars.map((bar) => bar.height.baseVal.value));
      const visible = heights.filter((height) => height > 1);
      assert.ok(visible.length >= least, `${chart}: ${visible.length} bars are visible, expected ${least}`);
    }
    assert.ok(Number(await demo.locator('#count').textContent()) >= 300, 'all conversations are counted');
    assert.ok((await demo.locator('#conversations tr').count()) > 0, 'some conversations are open');
    assert.deepEqual(demo.errors, [], 'the page must have no errors');

    // A fast clock turns minutes into seconds.
    const live = await open(await serve('--live', '120', '--clock', 'real x10', '--log', 'error'));
    const list = () => live.locator('#conversations tr').evaluateAll((rows) => rows.map((row) => `${row.dataset.request} ${row.lastChild.textContent}`));
    const before = await list();
    await live.locator('#conversations tr.new').first().waitFor();
    await live.waitForFunction((before) => {
      const rows = [...document.querySelectorAll('#conversations tr')];
      return rows.filter((row) => !before.includes(`${row.dataset.request} ${row.lastChild.textContent}`)).length >= 3;
    }, before);
    await keep(live, 'live');
    assert.notDeepEqual(await list(), before, 'the list changes');
    assert.deepEqual(live.errors, [], 'the page must have no errors');
  } finally {
    site.close();
  }
};
