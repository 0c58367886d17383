import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

// The upstream of the gateway benchmark, in a process of its own: answers at once with the same bytes, as one
// object or as so many events. The model "patient" says one word and waits, and notes when its client went away.

/** Words of an answer, each in an event of its own where it is streamed. */
const pieces = 32
const usage = { prompt_tokens: 250, completion_tokens: pieces, total_tokens: 250 + pieces }
const head = { id: 'chatcmpl-upstream', created: 1_700_000_000, model: 'immediate' }
const event = (chunk: object) => `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', ...chunk })}\n\n`
const word = event({ choices: [{ index: 0, delta: { content: ' word' }, finish_reason: null }] })
const events = [...Array.from({ length: pieces }, () => word), event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }), event({ choices: [], usage }), 'data: [DONE]\n\n']
const whole = JSON.stringify({ ...head, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: ' word'.repeat(pieces) }, finish_reason: 'stop' }], usage })

/** When clients went away, by what they had asked; milliseconds since 1970. */
const gone: Record<string, number> = {}

function answer(body: string, response: ServerResponse): void {
  const { model, stream, messages } = JSON.parse(body) as { model: string; stream?: boolean; messages: { content: string }[] }
  if (!stream) return void response.writeHead(200, { 'content-type': 'application/json' }).end(whole)
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  if (model === 'patient') {
    response.on('close', () => { gone[messages.at(-1)!.content] = performance.timeOrigin + performance.now() })
    return void response.write(word)
  }
  for (const each of events) response.write(each)
  response.end()
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'GET') return void response.end(JSON.stringify(gone))
  let body = ''
  request.setEncoding('utf8').on('data', chunk => { body += chunk }).on('end', () => answer(body, response))
}

const server = createServer({ keepAliveTimeout: 120_000 }, serve)
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
