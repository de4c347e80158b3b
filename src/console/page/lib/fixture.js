// Fixtures: the documents that a call wrote or read, in the world format, with those that they need.

import { get, part, query, withoutSandbox } from './api.js';
import { idOf } from './format.js';

/** Collections by the segment of the path that names them. */
const collections = {
  activities: 'activities',
  canned: 'canned_responses',
  departments: 'departments',
  events: 'events',
  faq: 'faqs',
  faq_kb: 'bots',
  bots: 'bots',
  groups: 'groups',
  labels: 'labels',
  leads: 'leads',
  messages: 'messages',
  namespace: 'namespaces',
  project_users: 'project_users',
  projects: 'projects',
  requests: 'requests',
  segments: 'segments',
  subscriptions: 'subscriptions',
  tags: 'tags',
  users: 'users',
  kb: 'contents',
};

/** Maximum number of documents that are taken from a response. */
const MAXIMUM = 100;

/** All `_id` values of a response, outermost first. */
function idsIn(value, found = new Set()) {
  if (found.size >= MAXIMUM || value === null || typeof value !== 'object') return found;
  if (typeof value._id === 'string') found.add(value._id);
  for (const inner of Object.values(value)) idsIn(inner, found);
  return found;
}

async function documentOf(collection, id) {
  try {
    return (await get(`collections/${part(collection)}/${part(id)}`)).document;
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
}

/** Collections by the fields that refer to them. */
export const targets = {
  id_project: 'projects',
  id_user: 'users',
  createdBy: 'users',
  updatedBy: 'users',
  closed_by: 'users',
  participants: 'users',
  followers: 'project_users',
  members: 'users',
  requester: 'project_users',
  project_user: 'project_users',
  requester_id: 'leads',
  lead: 'leads',
  department: 'departments',
  dep_id: 'departments',
  id_bot: 'bots',
  id_faq_kb: 'bots',
  id_group: 'groups',
  group_id: 'groups',
  namespace: 'namespaces',
};

/** The references of a document, as `[collection, id]`. Copies of other documents in it, and attributes, are none. */
function referencesOf(value, field = '', found = []) {
  if (typeof value === 'string') {
    const [, bot, id] = /^(bot_)?([0-9a-f]{24})$/.exec(value) ?? [];
    if (id && targets[field]) found.push([bot ? 'bots' : targets[field], id]);
  } else if (Array.isArray(value)) for (const item of value) referencesOf(item, field, found);
  else if (value !== null && typeof value === 'object')
    for (const [name, item] of Object.entries(value)) if (!/^(snapshot|attributes)$/.test(name)) referencesOf(item, name, found);
  return found;
}

async function search(collection, text, matches) {
  const { items } = await get(`collections/${collection}${query({ q: text, limit: 1000 })}`);
  return items.filter(matches).map((document) => [collection, idOf(document)]);
}

/** Documents that a world needs with this one but that it doesn't refer to by id. */
async function companionsOf(collection, document) {
  const { _id: id, id_project: project, recipient } = document;
  if (collection === 'projects')
    return [
      ...(await search('departments', id, (one) => one.id_project === id && one.default)),
      ...(await search('project_users', id, (one) => one.id_project === id && one.role === 'owner')),
    ];
  if (collection === 'messages' && recipient)
    return search('requests', recipient, (one) => one.id_project === project && one.request_id === recipient);
  return [];
}

/** A world that loads: these documents and all that they refer to, in the format `[collection, document]`. */
export async function worldOf(documents) {
  const world = { extends: 'default' };
  const known = new Set();
  const add = (collection, document) => {
    known.add(`${collection}/${idOf(document)}`);
    (world[collection] ??= []).push(document);
  };
  for (const [collection, document] of documents) add(collection, document);
  for (let added = documents; added.length; ) {
    const wanted = await Promise.all(
      added.map(async ([collection, document]) => [...referencesOf(document), ...(await companionsOf(collection, document))]),
    );
    const missing = new Map(wanted.flat().map((one) => [one.join('/'), one]));
    const found = [...missing.values()].filter((one) => !known.has(one.join('/')));
    added = (await Promise.all(found.map(async ([collection, id]) => [collection, await documentOf(collection, id)]))).filter(
      ([, document]) => document,
    );
    for (const [collection, document] of added) add(collection, document);
  }
  return world;
}

/** A copy with the values that a call gave to some fields. `stale` says whether others have changed it since. */
function written(document, changes) {
  const copy = structuredClone(document);
  let stale = false;
  for (const { pointer, after } of changes) {
    const names = pointer.slice(1).split('/').map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = names.pop();
    const parent = names.reduce((value, name) => value?.[name], copy);
    if (JSON.stringify(parent?.[last]) === JSON.stringify(after)) continue;
    stale = true;
    if (parent === null || typeof parent !== 'object') continue;
    if (after !== undefined) parent[last] = after;
    else if (Array.isArray(parent)) parent.splice(last, 1);
    else delete parent[last];
  }
  return [copy, stale];
}

/** The documents that a call wrote, or else read, as a world; their number; and what differs from what the call saw, if anything. */
export async function fixtureOf(entry, changes) {
  const documents = [];
  let note = '';
  for (const [collection, { added = [], changed = [] }] of Object.entries(changes?.collections ?? {})) {
    for (const document of added) documents.push([collection, document]);
    for (const { changes: fields, ...named } of changed) {
      const current = await documentOf(collection, idOf(named));
      const [document, stale] = current ? written(current, fields) : [];
      if (document) documents.push([collection, document]);
      else note = 'without documents that were deleted since';
      if (stale) note ||= 'with the current values of fields that it did not write';
    }
  }
  if (!documents.length && !note) {
    const segments = withoutSandbox(entry.request.path).split('/').filter((segment) => collections[segment]);
    const collection = collections[segments.at(-1)];
    for (const id of collection ? idsIn(entry.response?.body) : []) {
      const document = await documentOf(collection, id);
      if (document) documents.push([collection, document]);
    }
    note = 'in their current version';
  }
  return { world: documents.length ? await worldOf(documents) : null, count: documents.length, note };
}
