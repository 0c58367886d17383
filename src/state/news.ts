import { attempt } from './environment.ts'
import type { Environment } from './environment.ts'

/** Tells other tabs that something changed; they read it again. */
export interface News {
  tell(): void
  close(): void
}

/**
 * By BroadcastChannel, or by a tiny write that raises `storage` events where there is none. A frozen
 * or hidden page misses both, so it also reads when somebody comes back to it.
 * @param name of the channel; also the beginning of the storage keys whose changes are news
 */
export function openNews(name: string, { channel, local, page }: Environment, heard: () => void): News {
  const post = channel && attempt(() => channel(name))
  post?.addEventListener('message', heard)
  const onStorage = ({ key }: StorageEvent) => {
    if (key === null || key.startsWith(name)) heard()
  }
  const returns = ['focus', 'pageshow', 'visibilitychange']
  page?.addEventListener('storage', onStorage)
  for (const event of returns) page?.addEventListener(event, heard)
  return {
    tell() {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel has none
      attempt(() => (post ? post.postMessage(0) : local?.setItem(`${name}:news`, `${Math.random()}`)))
    },
    close() {
      post?.close()
      page?.removeEventListener('storage', onStorage)
      for (const event of returns) page?.removeEventListener(event, heard)
    },
  }
}
