// Sends the requests of the functions that orval generates, with the base URL and the token.

const caller = { baseUrl: '', token: '' };

export const configure = (baseUrl: string, token = '') => Object.assign(caller, { baseUrl, token });

export async function call<T>(path: string, { headers, ...options }: RequestInit): Promise<T> {
  const all = new Headers(headers);
  if (caller.token) all.set('authorization', caller.token);
  const response = await fetch(caller.baseUrl + path, { ...options, headers: all });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json');
  // The type depends on the function that calls.
  return { data: isJson ? JSON.parse(text) : text, status: response.status, headers: response.headers } as T;
}
