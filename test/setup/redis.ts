import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { freePort } from './free-port.ts'
import { findProgram } from './find-program.ts'
import type { Program } from './find-program.ts'
import { machine } from './machine.ts'

const redis: Program = {
  name: 'Redis or Valkey',
  env: 'REDIS_SERVER_PATH',
  commands: ['redis-server', 'valkey-server'],
  apt: ['redis-server'],
  advice: 'Install it with `apt-get install redis-server` (Debian, as root) or your system\'s package manager.',
}

/** A server of Redis that nobody else uses, with its own data, on this machine only. */
export interface RedisServer {
  readonly url: string
  /** Stops as in a crash and starts again on the same data and port. */
  restart(): Promise<void>
  /** Stops answering without closing anything, as a network does that swallows packets, until it is called again. */
  freeze(frozen: boolean): void
  /** Ends the server and clears its data away. */
  stop(): Promise<void>
}

/**
 * Starts a throw-away server whose every answer is on disk. Installs Redis where it is missing.
 * @param settings of `redis.conf`
 */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const program = await findProgram(redis, machine)
  const folder = mkdtempSync(join(tmpdir(), 'sparing-redis-'))
  const port = await freePort()
  const all = { port: `${port}`, bind: '127.0.0.1', dir: folder, save: '', appendonly: 'yes', appendfsync: 'always', daemonize: 'no', ...settings }
  const args = Object.entries(all).flatMap(([name, value]) => [`--${name}`, value])
  let child = await start(program, args)
  const atExit = () => void child.kill('SIGKILL')
  process.on('exit', atExit)
  return {
    url: `redis://127.0.0.1:${port}`,
    async restart() {
      await end(child)
      child = await start(program, args)
    },
    freeze(frozen) {
      child.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
    },
    async stop() {
      await end(child)
      process.off('exit', atExit)
      rmSync(folder, { recursive: true })
    },
  }
}

async function start(program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line)
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume()
      return child
    }
  }
  throw new Error(`${program} did not start:\n${said.join('\n')}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, 'exit')
  child.kill('SIGKILL')
  await over
}
