// Values as people read them.

/** `12:00:00.000`, in UTC as everywhere in the API. */
export const time = (iso) => iso?.slice(11, 23) ?? '';
export const dateTime = (iso) => (iso ? `${iso.slice(0, 10)} ${iso.slice(11, 19)}` : '');

/** A duration in microseconds. */
export function micros(value) {
  if (value === null || value === undefined) return '';
  if (value === 0) return '< 1 ms';
  if (value < 1000) return `${value} µs`;
  if (value < 1_000_000) return `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} ms`;
  return `${(value / 1_000_000).toFixed(1)} s`;
}

/** A duration in milliseconds, in its two largest units. */
export function span(ms) {
  const units = [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['min', 60_000],
    ['s', 1000],
  ];
  const parts = [];
  let rest = Math.abs(ms);
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size);
    if (count) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.slice(0, 2).join(' ') || `${Math.round(rest)} ms`;
}

/** `2xx` for 204; `none` without a status. */
export const statusClass = (status) => (status ? `${Math.floor(status / 100)}xx` : 'none');

export const plural = (count, noun, nouns = `${noun}s`) => `${count.toLocaleString('en')} ${count === 1 ? noun : nouns}`;

/** The identifier of a document. */
export const idOf = (document) => document._id ?? document.id;

/** The most telling field of a document. */
export function titleOf(document) {
  const fields = [
    'fullname',
    'name',
    'title',
    'subject',
    'tag',
    'email',
    'question',
    'first_text',
    'text',
    'event',
    'verb',
    'path',
    'request_id',
  ];
  for (const field of fields) {
    const value = document[field];
    if (typeof value === 'string' && value.trim()) return value.length > 120 ? `${value.slice(0, 120)}…` : value;
  }
  if (document.firstname) return [document.firstname, document.lastname].filter(Boolean).join(' ');
  if (document.role) return `${document.role} ${document.id_user ?? document.uuid_user ?? ''}`;
  return '';
}

export const json = (value) => JSON.stringify(value, null, 2);

/** A short form of any value, on one line. */
export function brief(value) {
  const text = value === undefined ? '' : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

/** Copies text; resolves to whether that worked. */
export const copyText = (text) =>
  navigator.clipboard.writeText(text).then(
    () => true,
    () => copySelected(text),
  );

/** For pages without a secure context, where the clipboard API is missing. */
function copySelected(text) {
  const area = document.createElement('textarea');
  area.value = text;
  (document.querySelector('dialog[open]') ?? document.body).append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

/** Offers text as a file. */
export function download(name, text) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
