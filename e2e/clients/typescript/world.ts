// Documents of the default world that all programs use, and the data they send.

export const [baseUrl = ''] = process.argv.slice(2);

export const project = '5b55e806c93dde00143163dd';
export const conversation = 'support-group-client';
export const credentials = { email: 'andrea.leo@f21.it', password: '123456' };
export const newLead = { lead_id: '42', fullname: 'Ada', email: 'ada@example.com' };
export const company = 'Ada & Co';
export const greeting = 'Hello';
export const file = () => new File(['Hello'], 'note.txt', { type: 'text/plain' });
export const uploaded = 'File uploaded successfully';
export const notFound = 'Object not found.';
