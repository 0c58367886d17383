import { SparingError } from '../../core/index.ts'
import { problemOf } from '../../core/problem.ts'
import type { Amounts, Receipt } from '../../core/index.ts'
import { streamHeaders } from '../../protocol/index.ts'
import type { Conversation, StreamPart } from '../../protocol/index.ts'
import { readChat } from '../chat-request.ts'
import type { ChatRequest } from '../chat-request.ts'
import { addTurn, readConversation } from '../conversations.ts'
import type { ConversationKey } from '../conversations.ts'
import { noStore, problemResponse, readJson, reportFailure, streamResponse } from '../http.ts'
import type { Reserved } from '../run.ts'
import { mostAmounts } from '../run-context.ts'
import type { Service } from '../service.ts'
import { begin, bodyOf, callerOf, follow, reservedFor } from '../start-run.ts'

/** How often one message may be written anew with nothing to tell the times apart. */
const mostAnew = 32

/**
 * `POST /v1/chat`: the AI SDK's default chat transport. What stands against a run is a stream as well,
 * unless JSON is asked for: of an answer with another status `useChat` shows the whole body as the
 * error's message, of a stream its sentence, and the problem as data.
 */
export async function chatRoute(service: Service, request: Request): Promise<Response> {
  try {
    return await chat(service, request)
  } catch (error) {
    reportFailure(error, service.settings.onError)
    const response = problemResponse(error, service.settings.now())
    return /json/.test(request.headers.get('accept') ?? '') ? response : refusal(error, response.headers)
  }
}

async function chat(service: Service, request: Request): Promise<Response> {
  const asked = readChat(await readJson(request, service.settings.maxBody))
  const identity = await callerOf(service, request)
  const { run, parts, stop } = begin(await reservedOnce(service, asked, id => reservedFor(service, request, { ...asked.ask, id }, identity)), request)
  const key = run.key && { identity: run.key.identity, id: asked.chat, hash: await hashOf(service, asked.chat) }
  const { response, over } = streamResponse(key ? withTotal(parts, receipt => totalOf(service, key, receipt, mostAmounts(run))) : parts, stop)
  void follow(service, run, over, stop)
  return response
}

/**
 * Reserves under an id that is the same for the same request. A page that has an answer written anew
 * need not say which, or names the message that it answers: where one of that id has ended, this is the
 * next. One that names the answer itself has another to name the next time.
 */
async function reservedOnce({ sign }: Service, { chat, lastMessage, trigger, messageId, ask }: ChatRequest, reserve: (id: string) => Promise<Reserved>): Promise<Reserved> {
  const idOf = (time: number) => sign(JSON.stringify(['chat-run', chat, lastMessage, trigger, messageId, time, bodyOf(ask)]))
  const isAnew = trigger === 'regenerate-message' && (messageId === null || messageId === lastMessage)
  let reserved = await reserve(await idOf(0))
  for (let time = 1; isAnew && reserved.ended && time < mostAnew; time++) reserved = await reserve(await idOf(time))
  return reserved
}

const hashOf = ({ sign }: Service, chat: string) => sign(JSON.stringify(['chat', chat]))

/** The parts of a turn, with what the conversation came to after its receipt. */
async function* withTotal(said: AsyncIterable<readonly StreamPart[]>, total: (receipt: Receipt) => Promise<Conversation | null>): AsyncGenerator<readonly StreamPart[]> {
  for await (const parts of said) {
    const at = parts.findIndex(({ type }) => type === 'data-receipt') + 1
    const part = parts[at - 1]
    const conversation = part?.type === 'data-receipt' ? await total(part.data) : null
    yield conversation ? parts.toSpliced(at, 0, { type: 'data-conversation', data: conversation }) : parts
  }
}

/** A replayed turn was counted when it ran. Where the total cannot be kept, the answer and its receipt stand without it. */
async function totalOf({ settings: { ledger, onError } }: Service, key: ConversationKey, receipt: Receipt, most: Amounts): Promise<Conversation | null> {
  try {
    return receipt.replayed ? await readConversation(ledger, key) : await addTurn(ledger, key, receipt, most)
  } catch (error) {
    onError(error)
    return null
  }
}

/** Nothing was written, so the problem is told and not kept among the messages. */
function refusal(error: unknown, limits: Headers): Response {
  const problem = problemOf(error)
  const headers = { ...Object.fromEntries(limits), ...streamHeaders }
  return streamResponse(told([{ type: 'data-problem', data: problem, transient: true }, { type: 'error', errorText: problem.detail }]), () => {}, { headers }).response
}

async function* told(parts: readonly StreamPart[]): AsyncGenerator<readonly StreamPart[]> {
  yield parts
}

/** `GET /v1/chats/:id`: what a conversation of one's own came to. */
export async function conversationRoute(service: Service, request: Request, id: string): Promise<Response> {
  const identity = await service.identities.of(request)
  const conversation = identity && await readConversation(service.settings.ledger, { identity: identity.key, id, hash: await hashOf(service, id) })
  if (!conversation) throw new SparingError('not-found', 'There is no conversation of yours with this id, or it was too long ago.')
  return noStore(conversation)
}
