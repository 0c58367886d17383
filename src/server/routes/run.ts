import { UpstreamError } from '../../core/index.ts'
import { errorOf } from '../../core/problem.ts'
import type { Choice, Receipt } from '../../core/index.ts'
import type { Problem } from '../../core/problem.ts'
import type { RunResult, StreamPart } from '../../protocol/index.ts'
import { noStore, readJson, streamResponse } from '../http.ts'
import { parseRun } from '../parse.ts'
import type { Service } from '../service.ts'
import { begin, callerOf, follow, reservedFor } from '../start-run.ts'

/** `POST /v1/run` */
export async function runRoute(service: Service, request: Request): Promise<Response> {
  const ask = parseRun(await readJson(request, service.settings.maxBody))
  const identity = await callerOf(service, request)
  const { parts, stop, run } = begin(await reservedFor(service, request, ask, identity), request)
  if (wantsJson(request)) return follow(service, run, jsonResult(run.id, parts), stop)
  const { response, over } = streamResponse(parts, stop)
  void follow(service, run, over, stop)
  return response
}

/** A client that asks for JSON and not for a stream gets one object. */
function wantsJson(request: Request): boolean {
  const accept = request.headers.get('accept') ?? ''
  return /application\/json/.test(accept) && !/text\/event-stream/.test(accept)
}

async function jsonResult(id: string, parts: AsyncIterable<readonly StreamPart[]>): Promise<Response> {
  const { text, object, choice, receipt, problem } = await collected(parts)
  if (problem) throw errorOf(problem)
  if (!choice || !receipt) throw new UpstreamError('The run ended without a receipt. Ask GET /v1/runs/:id for it.')
  return noStore({ id, text, ...object !== undefined && { object }, choice, receipt } satisfies RunResult)
}

interface Told {
  choice: Choice | null
  receipt: Receipt | null
  problem: Problem | null
}

async function collected(said: AsyncIterable<readonly StreamPart[]>): Promise<Told & { readonly text: string; readonly object: unknown }> {
  let text = ''
  let object: unknown
  const told: Told = { choice: null, receipt: null, problem: null }
  for await (const parts of said) {
    for (const part of parts) {
      switch (part.type) {
        case 'text-delta': text += part.delta; break
        case 'data-repair': text = ''; break
        case 'data-object': object = part.data; break
        case 'data-choice': told.choice = part.data; break
        case 'data-receipt': told.receipt = part.data; break
        case 'data-problem': told.problem = part.data
      }
    }
  }
  return { text, object, ...told }
}
