interface Waiting<Job, Answer> {
  readonly job: Job
  readonly done: (answer: Answer) => void
  readonly failed: (error: unknown) => void
}

export interface Batches<Job, Answer> {
  (job: Job): Promise<Answer>
  /** Resolves when nothing waits and nothing is under way. */
  idle(): Promise<void>
}

export interface BatchRules<Job> {
  /** The most jobs in one batch. */
  readonly most: number
  /** The most batches under way at once. */
  readonly lanes: number
  /** Jobs of the same name go one after the other, in the order they came. */
  nameOf(job: Job): string
}

/** Sends jobs that arrive together as one; while as many batches as may be are under way, more gather. */
export function batches<Job, Answer>(send: (jobs: readonly Job[]) => Promise<readonly Answer[]>, { most, lanes, nameOf }: BatchRules<Job>): Batches<Job, Answer> {
  type Entry = Waiting<Job, Answer>
  let waiting: Entry[] = []
  const busy = new Set<string>()
  let underWay = 0
  let soon = false
  const idlers: (() => void)[] = []

  function take(): Entry[] {
    if (underWay === lanes) return []
    const names = new Set(busy)
    const batch: Entry[] = []
    const rest: Entry[] = []
    for (const entry of waiting) {
      const name = nameOf(entry.job)
      const fits = batch.length < most && !names.has(name)
      names.add(name);
      (fits ? batch : rest).push(entry)
    }
    waiting = rest
    return batch
  }
  async function sendOff(batch: readonly Entry[]): Promise<void> {
    const names = batch.map(({ job }) => nameOf(job))
    for (const name of names) busy.add(name)
    underWay++
    try {
      const answers = await send(batch.map(({ job }) => job))
      batch.forEach(({ done }, index) => done(answers[index]!))
    } catch (error) {
      for (const { failed } of batch) failed(error)
    }
    underWay--
    for (const name of names) busy.delete(name)
    if (waiting.length > 0) start()
    else if (underWay === 0) idlers.splice(0).forEach(done => done())
  }
  function flush(): void {
    soon = false
    for (let batch = take(); batch.length > 0; batch = take()) void sendOff(batch)
  }
  function start(): void {
    if (soon) return
    soon = true
    setImmediate(flush)
  }

  const add = (job: Job) => new Promise<Answer>((done, failed) => {
    waiting.push({ job, done, failed })
    start()
  })
  const idle = () => underWay === 0 && waiting.length === 0 ? Promise.resolve() : new Promise<void>(done => idlers.push(done))
  return Object.assign(add, { idle })
}
