import type { Environment } from './environment.ts'

/** One entry of a web storage. */
export interface Drawer {
  read(): string | null
  write(text: string): void
}

/** Once storage refuses, by blocked cookies or a full disk, the entry lives in memory for good. */
export function createDrawer(storage: Environment['local'], key: string): Drawer {
  let kept: string | null = null
  let works = storage !== null
  const trying = <T>(act: () => T) => {
    try {
      return works ? act() : undefined
    } catch {
      works = false
    }
  }
  return {
    read: () => {
      const read = trying(() => storage!.getItem(key))
      return (kept = read === undefined ? kept : read)
    },
    write: text => {
      kept = text
      trying(() => storage!.setItem(key, text))
    },
  }
}
