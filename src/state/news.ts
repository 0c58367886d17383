import { attempt } from './environment.ts'
import type { Environment } from './environment.ts'

/** Tells other tabs that something changed; they read it again. */
export interface News {
  /** @param said what they cannot read anywhere; it reaches no tab without BroadcastChannel, nor one that is frozen */
  tell(said?: unknown): void
  close(): void
}

const events = ['storage', 'focus', 'pageshow', 'visibilitychange']

/**
 * By BroadcastChannel, or by a tiny write that raises `storage` events where there is none. A frozen
 * or hidden page misses both, so it also reads when somebody comes back to it.
 * @param name of the channel; also the beginning of the storage keys whose changes are news
 */
export function openNews(name: string, { channel, local, page }: Environment, heard: (said?: unknown) => void): News {
  const post = attempt(() => channel?.(name))
  const onEvent = (event: Event) => {
    // Not while it is being hidden: a page with a transaction under way misses the back/forward cache.
    if (event.type === 'storage' ? (event as StorageEvent).key?.startsWith(name) !== false : page?.document?.visibilityState !== 'hidden') heard()
  }
  post?.addEventListener('message', ({ data }) => heard(data))
  for (const event of events) page?.addEventListener(event, onEvent)
  return {
    tell(said = 0) {
      attempt(() => (post ? post.postMessage(said) : local?.setItem(`${name}:news`, `${Math.random()}`)))
    },
    close() {
      post?.close()
      for (const event of events) page?.removeEventListener(event, onEvent)
    },
  }
}
