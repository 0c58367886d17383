interface Job<I, O> {
  readonly item: I
  readonly since: number
  readonly done: (answer: O) => void
  readonly failed: (error: unknown) => void
}

export interface BatchRules<I> {
  /** Items that are done together, at most. */
  readonly most: number
  /** What they weigh together, at most; one that weighs more goes alone. */
  readonly heaviest: number
  weightOf(item: I): number
  /** Batches under way at once, at most; meanwhile more gather. */
  readonly lanes: number
  /** Milliseconds that an item waits for its turn, at most. */
  readonly patience: number
}

/**
 * Does together what is asked for together, or while others are under way.
 * @param work on items, with an answer for each
 */
export function batched<I, O>(work: (items: readonly I[]) => Promise<readonly O[]>, { most, heaviest, weightOf, lanes, patience }: BatchRules<I>): (item: I) => Promise<O> {
  let waiting: Job<I, O>[] = []
  let underWay = 0
  let soon = false

  async function carryOut(jobs: readonly Job<I, O>[]): Promise<void> {
    underWay++
    try {
      const answers = await work(jobs.map(({ item }) => item))
      jobs.forEach(({ done }, at) => done(answers[at]!))
    } catch (error) {
      for (const { failed } of [...jobs, ...tooLate()]) failed(error)
    }
    underWay--
    start()
  }
  /** Where one batch failed after a long time, what waited as long behind it does not wait for the next. */
  function tooLate(): readonly Job<I, O>[] {
    const isLate = ({ since }: Job<I, O>) => performance.now() - since > patience
    const late = waiting.filter(isLate)
    if (late.length > 0) waiting = waiting.filter(job => !isLate(job))
    return late
  }
  function take(): readonly Job<I, O>[] {
    let [count, weight] = [0, 0]
    for (const { item } of waiting) {
      weight += weightOf(item)
      if (count === most || (count > 0 && weight > heaviest)) break
      count++
    }
    return waiting.splice(0, count)
  }
  function flush(): void {
    soon = false
    while (waiting.length > 0 && underWay < lanes) void carryOut(take())
  }
  function start(): void {
    if (soon || waiting.length === 0 || underWay >= lanes) return
    soon = true
    setImmediate(flush)
  }
  return item => new Promise<O>((done, failed) => {
    waiting.push({ item, since: performance.now(), done, failed })
    start()
  })
}
