// Starts tiledesk-mock with world.yaml, and stops it afterwards. Run it with `npx vitest`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROJECT = '65a000000000000000000001'

let server
let url

beforeAll(async () => {
  const world = new URL('world.yaml', import.meta.url).pathname
  server = spawn('tiledesk-mock', ['--port', '0', '--fixtures', world], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: server.stdout }), 'line')
  url = line.replace('listening on ', '')
})

afterAll(() => server?.kill())

function get(path) {
  const authorization = `Basic ${btoa('ada@example.com:123456')}`
  return fetch(`${url}/v3/${PROJECT}${path}`, { headers: { authorization } }).then((response) => response.json())
}

test('a visitor is waiting for an answer', async () => {
  const { requests } = await get('/requests?status=100')
  expect(requests.map((request) => request.first_text)).toEqual(['Do you ship to Norway?'])
})
