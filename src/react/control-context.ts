import { createContext, useContext } from 'react'
import type { OptInControl } from './control.ts'

/** The control that parts belong to. */
export const ControlContext = /* @__PURE__ */ createContext<OptInControl | null>(null)

/** @throws {Error} for a part that is in no `OptIn.Root` and was given no control */
export function useControl(given?: OptInControl): OptInControl {
  const control = useContext(ControlContext)
  if (!given && !control) throw new Error('This part belongs to no control. Put it into <OptIn.Root>, or give it one made by useOptIn.')
  return given ?? control!
}
