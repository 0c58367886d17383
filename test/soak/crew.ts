import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Portion, WorkerMessage, WorkerOptions } from './worker.ts'

const program = fileURLToPath(new URL('worker.ts', import.meta.url))

/** Processes that share runs among them. One that is killed is started again, and asks for the same runs again. */
export interface Crew {
  /** Resolves when every run was asked for and answered to somebody who lived. @returns how often each answer came */
  readonly done: Promise<ReadonlyMap<string, number>>
  /** SIGKILL. @returns whether there was somebody to kill */
  kill(name: string): boolean
  /** Kills any that works. */
  killAny(random: () => number): boolean
  /** Portions that are done. */
  readonly progress: number
  close(): Promise<void>
}

export interface CrewOptions {
  readonly processes: number
  readonly portions: readonly Portion[]
  readonly worker: Omit<WorkerOptions, 'name'>
  /** Told after each portion. */
  readonly onProgress: () => void
}

export function createCrew({ processes, portions, worker, onProgress }: CrewOptions): Crew {
  const working = new Map<string, ChildProcess>()
  const answers = new Map<string, number>()
  const waiting = [...portions]
  let progress = 0

  function note(done: Readonly<Record<string, number>>): void {
    for (const [answer, count] of Object.entries(done)) answers.set(answer, (answers.get(answer) ?? 0) + count)
    progress++
    onProgress()
  }
  async function work(name: string): Promise<void> {
    let child: ChildProcess | undefined
    for (let portion = waiting.shift(); portion; portion = waiting.shift()) {
      for (let done = null; !done;) {
        if (!child || isOver(child)) child = await start({ ...worker, name }, each => working.set(name, each))
        done = child && await ask(child, portion)
        if (done) note(done)
      }
    }
    working.delete(name)
    if (child) await end(child)
  }
  const kill = (name: string) => {
    const child = working.get(name)
    return child !== undefined && !isOver(child) && child.kill('SIGKILL')
  }
  return {
    done: Promise.all(Array.from({ length: processes }, (_, at) => work(`worker-${at}`))).then(() => answers),
    kill,
    killAny: random => kill([...working.keys()][Math.floor(random() * working.size)] ?? ''),
    get progress() { return progress },
    async close() {
      waiting.length = 0
      await Promise.all([...working.values()].map(end))
    },
  }
}

const isOver = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null

/** A process that is ready; `undefined` where it was killed before it was. */
async function start(options: WorkerOptions, born: (child: ChildProcess) => void): Promise<ChildProcess | undefined> {
  const child = fork(program, [JSON.stringify(options)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  born(child)
  const ready = await answerOf(child)
  if (!ready && child.exitCode !== null) throw new Error(`A process of the soak ended by itself, with code ${child.exitCode}.`)
  return ready ? child : undefined
}

/** What it says that the runs came to; `null` where it was killed over them. */
async function ask(child: ChildProcess, portion: Portion): Promise<Readonly<Record<string, number>> | null> {
  const answer = answerOf(child)
  child.send(portion, () => {})
  const message = await answer
  return message && 'done' in message ? message.done : null
}

function answerOf(child: ChildProcess): Promise<WorkerMessage | null> {
  return new Promise(resolve => {
    if (isOver(child)) return resolve(null)
    const over = (message: WorkerMessage | null) => {
      child.off('message', heard).off('exit', gone)
      resolve(message)
    }
    const heard = (message: unknown) => over(message as WorkerMessage)
    const gone = () => over(null)
    child.on('message', heard).on('exit', gone)
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (isOver(child)) return
  const over = once(child, 'exit')
  child.kill('SIGKILL')
  await over
}
