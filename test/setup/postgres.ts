import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcess, SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, globSync, mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { freePort } from './free-port.ts'
import { findProgram } from './find-program.ts'
import type { Program } from './find-program.ts'
import { isRoot, machine } from './machine.ts'

const postgres: Program = {
  name: 'PostgreSQL',
  env: 'POSTGRES_PATH',
  commands: ['postgres'],
  // Debian keeps the server's programs off PATH.
  cached: async () => globSync('/usr/lib/postgresql/*/bin/postgres').sort().at(-1),
  apt: ['postgresql'],
  advice: 'Install it with `apt-get install postgresql` (Debian, as root) or your system\'s package manager.',
}

/** A server of PostgreSQL that nobody else uses, with its own data, on this machine only. */
export interface PostgresServer {
  readonly url: string
  /** Stops as in a crash and starts again on the same data and port. */
  restart(): Promise<void>
  /** Ends the server and clears its data away. */
  stop(): Promise<void>
}

/** Starts a throw-away server that writes to disk as a real one does. Installs PostgreSQL where it is missing. */
export async function startPostgres(): Promise<PostgresServer> {
  // initdb is called by the server's own folder: what is on PATH may be a link to it.
  const bin = dirname(realpathSync(await findProgram(postgres, machine)))
  const user = serverUser()
  const folder = mkdtempSync(join(passableFolder(), 'sparing-postgres-'))
  if (user) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  initialise(bin, data, { ...user, cwd: folder })

  const port = await freePort()
  const start = () => startServer(join(bin, 'postgres'), ['-D', data, '-p', `${port}`, ...settings], { ...user, cwd: folder })
  let child = await start()
  const atExit = () => void child.kill('SIGQUIT')
  process.on('exit', atExit)
  return {
    url: `postgres://sparing@127.0.0.1:${port}/postgres`,
    async restart() {
      await end(child, 'SIGQUIT')
      child = await start()
    },
    async stop() {
      await end(child, 'SIGQUIT')
      process.off('exit', atExit)
      rmSync(folder, { recursive: true })
    },
  }
}

const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'fsync=on', 'synchronous_commit=on', 'lc_messages=C', 'logging_collector=off', 'log_destination=stderr']
  .flatMap(setting => ['-c', setting])

/** The server refuses to run as root. */
function serverUser(): { uid: number; gid: number } | undefined {
  if (!isRoot) return undefined
  const idOf = (flag: string) => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout.trim() || NaN)
  const [uid, gid] = [idOf('-u'), idOf('-g')]
  if (Number.isNaN(uid + gid)) throw new Error('PostgreSQL refuses to run as root, and there is no user `postgres`. Create one, or run the tests as somebody else.')
  return { uid, gid }
}

/** A folder for temporary files to which the server's user gets through. */
function passableFolder(): string {
  const passable = (path: string): boolean => (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || passable(dirname(path)))
  const folder = [tmpdir(), '/tmp', '/var/tmp'].find(path => !isRoot || passable(realpathSync(path)))
  if (!folder) throw new Error('PostgreSQL runs as the user `postgres`, who cannot reach any folder for temporary files. Set TMPDIR to one that everybody may pass through.')
  return folder
}

function initialise(bin: string, data: string, options: SpawnOptions): void {
  const { status, stderr, error } = spawnSync(join(bin, 'initdb'), ['-D', data, '-U', 'sparing', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], { ...options, encoding: 'utf8' })
  if (status !== 0) throw new Error(`initdb could not prepare a database in ${data}: ${error?.message ?? stderr}`)
}

/** Resolves when it accepts connections; says what the server said when it does not. */
async function startServer(command: string, args: string[], options: SpawnOptions): Promise<ChildProcess> {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  const ready = new Promise<void>((resolve, reject) => {
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      log = (log + text).slice(-4_000)
      if (log.includes('ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', () => reject(new Error(`PostgreSQL did not start:\n${log}`)))
    setTimeout(() => reject(new Error(`PostgreSQL was not ready after 60 seconds:\n${log}`)), 60_000).unref()
  })
  try {
    await ready
    return child
  } catch (error) {
    child.kill('SIGQUIT')
    throw error
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.kill(signal)
  await over
}
