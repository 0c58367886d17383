import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The built demo in a process of its own, on a random port, over a small folder of documents. */
export interface Demo {
  readonly url: string
  readonly output: () => string
  /** Starts it anew over the same data. */
  restart(): Promise<void>
  close(): Promise<void>
}

export interface DemoOptions {
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Documents beside the usual ones, by their names. */
  readonly documents?: Readonly<Record<string, string>>
}

const documents: Record<string, string> = {
  'leases.md': '# Leases\n\nA lease lives for one minute unless it is renewed. When a lease ends, what it held is given back to the budget.\n\nRenew a lease with `renew(lease)` while the run goes on.\n',
  'cancelling.md': '# Cancelling\n\nTo cancel a run, call `run.abort()`. The upstream is stopped at once, and what was used until then is counted.\n\nA cancelled run leaves a receipt.\n',
  'receipts.md': '# Receipts\n\nEvery run leaves a receipt. It says what was used, what it cost, and why this model was chosen.\n\nReceipts never contain the text of a run.\n',
}

const root = fileURLToPath(new URL('../../..', import.meta.url))

export async function startDemo({ args = [], env = {}, documents: more = {} }: DemoOptions = {}): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'sparing-demo-'))
  const docs = join(folder, 'docs')
  await mkdir(docs)
  await Promise.all(Object.entries({ ...documents, ...more }).map(([name, text]) => writeFile(join(docs, name), text)))
  const command = [join(root, 'examples/docs-search/server/main.ts'), '--docs', docs, '--data', join(folder, 'data'), ...args]
  let running = await launch(command, { OPENAI_BASE_URL: '', OPENAI_API_KEY: '', ...env, PORT: '0' })
  return {
    get url() { return running.url },
    output: () => running.output(),
    async restart() {
      const { port } = new URL(running.url)
      await stop(running.child)
      running = await launch(command, { OPENAI_BASE_URL: '', OPENAI_API_KEY: '', ...env, PORT: port })
    },
    async close() {
      await stop(running.child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

interface Running {
  readonly child: ChildProcess
  readonly url: string
  readonly output: () => string
}

async function launch(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Running> {
  const child = spawn(process.execPath, command, { cwd: root, env: { ...process.env, NODE_ENV: 'development', ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output.slice(output.indexOf('Docs search is at')))
      if (output.includes('Docs search is at') && found) resolve(found[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('exit', code => reject(new Error(`The demo ended with ${code} before it listened:\n${output}`)))
  })
  return { child, url, output: () => output }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
