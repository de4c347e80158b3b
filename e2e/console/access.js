// Accessibility: axe on every view, in both themes and on a phone, and the keyboard.

const assert = require('assert/strict');
const fs = require('fs');
const { LEAD, go, open, until } = require('./site');

const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

/** All views, with their details and dialogs. `deliveries` and `emails` come from the server. */
async function views({ control }) {
  const refused = (await control('GET', 'journal?operation=create_lead&status=400')).calls.at(-1).id;
  const created = (await control('GET', 'journal?operation=create_lead&status=200')).calls[0].id;
  const [email] = (await control('GET', 'emails')).items;
  const [delivery] = (await control('GET', 'webhooks')).deliveries;
  return [
    'traffic',
    `traffic/${created}`,
    `traffic/${refused}`,
    `traffic/delivery/${delivery.id}`,
    'state',
    'state/leads',
    `state/leads/${LEAD}`,
    'state/compare/before',
    'time',
    'faults',
    `faults/new/${created}`,
    'webhooks',
    `webhooks/${delivery.id}`,
    'webhooks/inboxes',
    'webhooks/inbox/leads',
    'emails',
    ...(email ? [`emails/${email.id}`] : []),
    'coverage',
    'coverage/list_leads',
    'sandboxes',
    'visitors',
  ];
}

async function violations(page, rules) {
  const found = await page.evaluate(
    (only) => window.axe.run(document, { resultTypes: ['violations'], ...(only && { runOnly: only }) }),
    rules,
  );
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`);
}

async function check(site, options, [width, height], rules) {
  const context = await site.profile({ ...options, viewport: { width, height } });
  const page = await open(context, site.url);
  await page.evaluate(axe);
  await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' });
  const found = [];
  for (const view of await views(site)) {
    await go(page, view);
    await page.waitForTimeout(250);
    await until(async () => (await page.locator('.loading').count()) === 0, `${view} is loaded`);
    found.push(...(await violations(page, rules)).map((violation) => `${view}: ${violation}`));
    const wide = await page.evaluate(
      () => Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth) - innerWidth,
    );
    if (wide > 0) found.push(`${view}: wider than the window by ${wide} px`);
  }
  await page.keyboard.press('?');
  await page.getByRole('dialog').waitFor();
  found.push(...(await violations(page, rules)));
  assert.deepEqual(found, []);
  assert.deepEqual(page.errors, []);
}

exports['axe finds nothing on any view in light'] = (site) => check(site, { colorScheme: 'light' }, [1280, 844]);
// Only the colors differ.
exports['axe finds no low contrast on any view in dark'] = (site) => check(site, { colorScheme: 'dark' }, [1280, 844], ['color-contrast']);
exports['axe finds nothing on any view at 390 px, and nothing is wider'] = (site) => check(site, { colorScheme: 'light' }, [390, 844]);
// Windows that are zoomed: the details scroll, and must be reachable by key.
exports['axe finds nothing on any view at 640 by 400 px, and nothing is wider'] = (site) => check(site, { colorScheme: 'light' }, [640, 400]);
exports['axe finds nothing on any view at 320 by 400 px, and nothing is wider'] = (site) => check(site, { colorScheme: 'light' }, [320, 400]);

exports['the keyboard reaches the views, the list, and the actions of a call'] = async ({ url, control, profile }) => {
  const page = await open(await profile(), url);
  await page.locator('[data-list] [role=option]').first().waitFor();
  const heading = (name) => page.getByRole('heading', { level: 1, name }).waitFor({ state: 'attached' });
  for (const [key, name] of ['Traffic', 'State', 'Time', 'Faults', 'Webhooks', 'Emails', 'Coverage', 'Sandboxes'].entries()) {
    await page.keyboard.press(String(key + 1));
    await heading(name);
  }
  await page.keyboard.press('1');
  await page.locator('[data-list] [role=option]').first().waitFor();
  await page.keyboard.press('/');
  await page.keyboard.type('update_lead');
  await page.keyboard.press('Escape');
  await page.keyboard.press('j');
  const number = (await control('GET', 'journal?operation=update_lead')).calls.at(-1).id;
  await page.getByRole('heading', { name: `Call ${number}`, exact: true }).waitFor();
  await page.keyboard.press('f');
  await page.getByText(`Make calls like #${number} fail`).waitFor();
  await page.goBack();
  await page.getByRole('heading', { name: `Call ${number}`, exact: true }).waitFor();
  await page.keyboard.press('b');
  await page.getByRole('dialog').getByLabel('Name of the sandbox').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { name: `Call ${number}`, exact: true }).waitFor({ state: 'detached' });

  // The focused list moves with the arrow keys, past changes, and announces the active row.
  await page.getByRole('searchbox').fill('');
  const list = page.getByRole('listbox');
  const selectable = page.locator('[data-list] [role=option]:not([aria-disabled=true])');
  await list.focus();
  await page.keyboard.press('End');
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await until(
    async () => (await list.getAttribute('aria-activedescendant')) === (await selectable.nth(1).getAttribute('id')),
    'the second row that can be selected is active',
  );
  assert.equal(await selectable.nth(1).getAttribute('aria-selected'), 'true');

  // Keys pressed faster than the page is painted count, too.
  await list.evaluate(async (element) => {
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowDown']) {
      element.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await new Promise((resume) => setTimeout(resume));
    }
  });
  await until(async () => (await selectable.nth(3).getAttribute('aria-selected')) === 'true', 'the fourth row is active');

  // A held key acts once, except for moving.
  await page.getByRole('searchbox').fill('list_tags');
  await page.getByRole('heading', { level: 2, name: 'Traffic' }).click();
  await page.keyboard.press('j');
  const replays = async () => (await control('GET', 'journal/count?operation=list_tags')).count;
  const before = await replays();
  for (let count = 0; count < 5; count++) await page.keyboard.down('r');
  await page.keyboard.up('r');
  await page.getByText(/^Replayed as call/).waitFor();
  await page.waitForTimeout(300);
  assert.equal(await replays(), before + 1);
  await page.getByRole('searchbox').fill('');
  await page.getByRole('heading', { level: 2, name: 'Traffic' }).click();

  // Single keys can be turned off.
  await page.keyboard.press('?');
  await page.getByLabel('Use single-key shortcuts').uncheck();
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  await page.waitForTimeout(100);
  await heading('Traffic');
  assert.deepEqual(page.errors, []);
};

exports['every focused control has a visible outline'] = async ({ url, profile }) => {
  const page = await open(await profile(), url, 'faults/new');
  await page.getByRole('button', { name: 'Add fault' }).waitFor();
  await page.evaluate(() => document.body.focus());
  const seen = new Set();
  for (let count = 0; count < 45; count++) {
    await page.keyboard.press('Tab');
    const { name, visible } = await page.evaluate(() => {
      const element = document.activeElement;
      const outlined = (one) => one && getComputedStyle(one).outlineStyle !== 'none' && parseFloat(getComputedStyle(one).outlineWidth) >= 2;
      return {
        name: `${element.tagName} ${element.textContent.slice(0, 20)} ${element.ariaLabel ?? ''}`,
        visible: element === document.body || outlined(element) || outlined(element.nextElementSibling),
      };
    });
    assert.ok(visible, `no outline: ${name}`);
    seen.add(name);
  }
  assert.ok(
    [...seen].some((name) => name.includes('Add fault')),
    'the form can be sent',
  );
};
