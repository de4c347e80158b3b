// A call as a fixture: the documents that it wrote or read, in the world format.

import { get, part } from './api.js';
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

export async function fixtureOf(entry, changes) {
  const world = {};
  const add = (collection, document) => {
    const documents = (world[collection] ??= []);
    if (document && !documents.some((known) => idOf(known) === idOf(document))) documents.push(document);
  };
  for (const [collection, { added = [], changed = [] }] of Object.entries(changes?.collections ?? {})) {
    for (const document of added) add(collection, document);
    for (const document of changed) add(collection, await documentOf(collection, idOf(document)));
  }
  if (Object.keys(world).length === 0) {
    const segments = entry.request.path.split('/').filter((segment) => collections[segment]);
    const collection = collections[segments.at(-1)];
    if (collection) for (const id of idsIn(entry.response?.body)) add(collection, await documentOf(collection, id));
  }
  for (const name of Object.keys(world)) if (!world[name].length) delete world[name];
  return world;
}
