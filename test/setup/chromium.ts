import type { LaunchOptions } from 'playwright'
import { findProgram, locateProgram, type Program } from './find-program.ts'
import { isRoot, machine } from './machine.ts'

const chromium: Program = {
  name: 'Chromium',
  env: 'CHROMIUM_PATH',
  commands: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  cached: async () => (await import('playwright')).chromium.executablePath(),
  apt: ['chromium'],
  install: ['npx', 'playwright', 'install', 'chromium'],
  advice: 'Install it with `apt-get install chromium` (Debian, as root) or `npx playwright install chromium`.',
}

/** The path of a Chromium that starts, installed when there is none. */
export const findChromium = (): Promise<string> => findProgram(chromium, machine)

/** The same without installing; undefined when there is none. */
export const locateChromium = (): Promise<string | undefined> => locateProgram(chromium, machine)

/** Nothing leaves the machine, and nothing starts that a test did not ask for. */
const chromiumFlags: string[] = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
]

/** Read when the browser starts, not when the configuration is: the set-up may install it in between. */
export const chromiumLaunch = {
  get executablePath() {
    return process.env.CHROMIUM_PATH ?? ''
  },
  // Playwright leaves the sandbox off unless told otherwise.
  chromiumSandbox: !isRoot,
  args: chromiumFlags,
} satisfies LaunchOptions
