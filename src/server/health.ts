import { isSparingError } from '../core/index.ts'
import type { ReachableModel, UpstreamError, UpstreamFacts } from '../core/index.ts'
import { admits, closed, entered, failed, left, stateOf, succeeded } from './breaker.ts'
import type { Breaker, BreakerState } from './breaker.ts'
import { faultWith } from './providers/upstream-failure.ts'

/** Until when models are left alone, milliseconds since 1970, by `provider/model`. */
export type OutOfOrder = Readonly<Record<string, number>>

/** A call of a model that was let through; one of the three is to be said of it. */
export interface Passage {
  worked(): void
  failed(failure: unknown): void
  /** Nobody can say: whoever asked went away. */
  left(): void
}

type Named = Pick<ReachableModel, 'id' | 'provider'>

/** What this process knows of whether models work. Nothing of it outlives the process. */
export interface Health {
  outOfOrder(): OutOfOrder
  /**
   * @param who whoever asks
   * @returns `null` for a model that is to be left alone now
   */
  enter(model: Named & Pick<ReachableModel, 'kind'>, who: string): Passage | null
  /** Notes something odd that a model's server does, under a name of its own. @returns whether that is new */
  isNews(model: Named, oddity: string): boolean
  /** Of every model that is not simply in order. */
  report(): Readonly<Record<string, { readonly state: Exclude<BreakerState, 'closed'>; readonly until: number }>>
}

const unminded: Passage = { worked() {}, failed() {}, left() {} }

/** What models are called in answers of this server and in `OutOfOrder`. */
export const modelName = ({ provider, id }: Named): string => `${provider}/${id}`

/** Milliseconds after which to look again at a model that is being tried just now. */
const soon = 1_000

export function keepHealth({ now, random }: { readonly now: () => number; readonly random: () => number }): Health {
  const breakers = new Map<string, Breaker>()
  const known = new Set<string>()
  const breakerOf = (name: string) => breakers.get(name) ?? closed
  const opened = () => [...breakers].flatMap(([name, breaker]) => breaker.until === null ? [] : [{ name, until: breaker.until, state: stateOf(breaker, now()) as 'open' | 'half-open' }])
  return {
    outOfOrder: () => Object.fromEntries(opened().filter(({ name }) => !admits(breakerOf(name), now())).map(({ name, until }) => [name, Math.max(until, now() + soon)])),
    report: () => Object.fromEntries(opened().map(({ name, ...rest }) => [name, rest])),
    isNews(model, oddity) {
      const before = known.size
      return known.add(JSON.stringify([modelName(model), oddity])).size > before
    },
    enter(model, who) {
      // The floor is never taken away.
      if (model.kind === 'extractive') return unminded
      const name = modelName(model)
      if (!admits(breakerOf(name), now())) return null
      breakers.set(name, entered(breakerOf(name), now()))
      return {
        worked: () => void breakers.set(name, succeeded(breakerOf(name), now())),
        left: () => void breakers.set(name, left(breakerOf(name))),
        failed(failure) {
          const next = isItsFault(failure) ? failed(breakerOf(name), { now: now(), random: random(), retryAfter: factsOf(failure)?.retryAfter ?? null, ...factsOf(failure)?.reason === 'silent' && { late: who } }) : left(breakerOf(name))
          breakers.set(name, next)
        },
      }
    },
  }
}

/** What a failure says of the model's server; `null` where it is none of a server. */
export const factsOf = (failure: unknown): UpstreamFacts | null =>
  isSparingError(failure, 'upstream-failed') ? (failure as unknown as UpstreamError).facts ?? null : null

/** Whoever sends requests that a server finds fault with must not switch a model off for the others. */
function isItsFault(failure: unknown): boolean {
  if (!isSparingError(failure)) return true
  const facts = factsOf(failure)
  return failure.code === 'upstream-failed' && !['request', 'length'].includes(facts?.fault ?? faultWith(facts?.httpStatus) ?? '')
}
