import type { ComponentPropsWithRef } from 'react'
import { useSparing } from './provider.tsx'

export interface EnergyStarsProps extends Omit<ComponentPropsWithRef<'span'>, 'children'> {
  /** 1 to 5, where 5 is least energy; `null` where nobody can say, and then nothing is shown. */
  readonly stars: number | null
  /** Given by this package's method, not published by AI Energy Score. @default true */
  readonly estimated?: boolean
}

/** How little energy a model takes among its like, in words: "4 of 5 for its size (5 = least energy), estimated". */
export function EnergyStars({ stars, estimated = true, ...props }: EnergyStarsProps) {
  const { text } = useSparing()
  return stars !== null && <span {...props}>{text.stars(text.number(stars), text.number(5), estimated)}</span>
}
