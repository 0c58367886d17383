import type { ComponentPropsWithRef } from 'react'
import type { Budget } from '../core/index.ts'
import { allowanceOf, countedShare } from './figures.ts'
import { useBudget, useReady } from './hooks.ts'
import { useSparing } from './provider.tsx'
import { ownLines, tightest, wholePercent } from './share.ts'

export interface BudgetMeterProps extends Omit<ComponentPropsWithRef<'div'>, 'children'> {
  /** Only budgets of this id. @default the line of which most is used, of all */
  readonly budget?: string
}

/** How much of the allowance is used and set aside: drawn, and in words. */
export function BudgetMeter({ budget: id, ...props }: BudgetMeterProps) {
  const ready = useReady()
  const lines = ownLines(useBudget()).filter(line => id === undefined || line.id === id)
  const line = tightest(lines)
  if (!ready || !line) return null
  return <Meter {...props} line={line} />
}

function Meter({ line, ...props }: { line: Budget } & ComponentPropsWithRef<'div'>) {
  const sparing = useSparing()
  const { text } = sparing
  const { limit, settled, held, available, window, resetsAt } = line
  const [used, aside] = [settled / limit, held / limit].map(ratio => Math.min(1, ratio)) as [number, number]
  const full = available <= 0 && held === 0
  const said = full ? text.meterFull : text.meter(countedShare(sparing, used), aside > 0 ? countedShare(sparing, aside) : null)
  const words = [said, ...resetsAt === null ? [] : [text.resets(text.time(resetsAt))]].join(' ')
  return (
    <div {...props} className={`sparing-meter ${props.className ?? ''}`}>
      {/* oxlint-disable-next-line jsx-a11y/prefer-tag-over-role -- a <meter> cannot show what is set aside */}
      <div role="meter" aria-label={text.allowance(allowanceOf(text, window))} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.min(100, wholePercent(used + aside))} aria-valuetext={words} className="sparing-bar">
        <div className="sparing-settled" style={{ inlineSize: `${used * 100}%` }} />
        <div className="sparing-held" style={{ inlineSize: `${Math.min(aside, 1 - used) * 100}%` }} />
      </div>
      <p className="sparing-label">{words}</p>
    </div>
  )
}
